using System.Runtime.InteropServices;
using System.Text;

namespace Twin.Tests.Unit.ScenarioEngine.Onnx;

/// <summary>ONNX files made by hand: protocol buffers of onnx.proto3.</summary>
internal static class OnnxBytes
{
    public const int Float = 1;
    public const int Long = 7;
    public const int Bool = 9;

    public static byte[] Model(byte[] graph) => [.. Number(1, 8), .. Field(8, Number(2, 13)), .. Field(7, graph)];

    public static byte[] Graph(params byte[][] parts) => [.. parts.SelectMany(part => part), .. Field(2, "g"u8)];

    public static byte[] Operator(string op, string[] inputs, string[] outputs, params byte[][] attributes) =>
        Field(1, [.. inputs.SelectMany(name => Text(1, name)), .. outputs.SelectMany(name => Text(2, name)), .. Text(4, op), .. attributes.SelectMany(attribute => attribute)]);

    /// <summary>An attribute that is a graph.</summary>
    public static byte[] Body(string name, byte[] graph) => Field(5, [.. Text(1, name), .. Field(6, graph), .. Number(20, 5)]);

    public static byte[] Weights(string name, long[] shape, params float[] values) =>
        Field(5, [.. shape.SelectMany(length => Number(1, (ulong)length)), .. Number(2, Float), .. Text(8, name), .. Field(9, MemoryMarshal.AsBytes(values.AsSpan()))]);

    public static byte[] Whole(string name, long value) => Field(5, [.. Number(2, Long), .. Text(8, name), .. Field(9, BitConverter.GetBytes(value))]);

    public static byte[] True(string name) => Field(5, [.. Number(2, Bool), .. Text(8, name), .. Field(9, [1])]);

    /// <summary>Weights whose numbers lie in another file.</summary>
    public static byte[] Elsewhere(string name, string path) =>
        Field(5, [.. Number(1, 1), .. Number(2, Float), .. Text(8, name), .. Field(13, [.. Text(1, "location"), .. Text(2, path)]), .. Number(14, 1)]);

    public static byte[] Takes(string name, int type, params object[] shape) => Value(11, name, type, shape);

    public static byte[] Gives(string name, int type, params object[] shape) => Value(12, name, type, shape);

    private static byte[] Value(int field, string name, int type, object[] shape)
    {
        var dimensions = shape.SelectMany(dimension => Field(1, dimension is string free ? Text(2, free) : Number(1, (ulong)(int)dimension))).ToArray();
        return Field(field, [.. Text(1, name), .. Field(2, Field(1, [.. Number(1, (ulong)type), .. Field(2, dimensions)]))]);
    }

    private static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int field, ReadOnlySpan<byte> content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Number(int field, ulong value) => [.. Varint((ulong)field << 3), .. Varint(value)];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        while (value >= 0x80)
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}

namespace Twin.ScenarioEngine.Onnx;

/// <summary>
/// A look into the protocol buffers of an ONNX file before the runtime gets it (onnx.proto3): tensors whose data lie in other
/// files are refused, since the path would be the file's choice.
/// </summary>
internal static class OnnxFile
{
    private const int MostDepth = 32;
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    private enum Message
    {
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        Sparse,
        Function,
        Training,
    }

    /// <summary>Refuses a file that is no ONNX model or reads other files.</summary>
    /// <exception cref="ModelInputException">It does.</exception>
    public static void Check(ReadOnlySpan<byte> file) => Walk(Message.Model, file, 0);

    private static void Walk(Message message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MostDepth)
        {
            throw Fault("its graphs lie in each other too deep");
        }

        var seen = 0;
        for (var at = 0; at < bytes.Length; seen++)
        {
            var key = Number(bytes, ref at);
            var (field, wire) = ((int)(key >> 3), (int)(key & 7));
            switch (wire)
            {
                case Varint:
                    var value = Number(bytes, ref at);
                    if (message == Message.Tensor && field == 14 && value != 0)
                    {
                        throw Fault("it has tensors whose data lie in another file");
                    }

                    break;
                case Bytes:
                    var length = Number(bytes, ref at);
                    if (length > (ulong)(bytes.Length - at))
                    {
                        throw Fault("it is cut off, or no ONNX file");
                    }

                    if (message == Message.Tensor && field == 13)
                    {
                        throw Fault("it has tensors whose data lie in another file");
                    }

                    if (Inner(message, field) is { } inner)
                    {
                        Walk(inner, bytes.Slice(at, (int)length), depth + 1);
                    }

                    at += (int)length;
                    break;
                case Fixed64 or Fixed32:
                    at += wire == Fixed64 ? 8 : 4;
                    if (at > bytes.Length)
                    {
                        throw Fault("it is cut off, or no ONNX file");
                    }

                    break;
                default:
                    throw Fault("it is no ONNX file");
            }
        }

        if (message == Message.Model && seen == 0)
        {
            throw Fault("it is empty");
        }
    }

    private static Message? Inner(Message message, int field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 20) => Message.Training,
        (Message.Model, 25) => Message.Function,
        (Message.Training, 1 or 2) => Message.Graph,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.Sparse,
        (Message.Function, 7) => Message.Node,
        (Message.Function, 11) => Message.Attribute,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.Sparse,
        (Message.Sparse, 1 or 2) => Message.Tensor,
        _ => null,
    };

    private static ulong Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length)
            {
                throw Fault("it is cut off, or no ONNX file");
            }

            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Fault("it is no ONNX file");
    }

    private static ModelInputException Fault(string fault) => new("onnx", fault);
}

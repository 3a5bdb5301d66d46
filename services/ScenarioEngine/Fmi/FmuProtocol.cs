using System.Buffers.Binary;
using System.Text;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>What the host process is asked. Frames are a length (little endian) and that many bytes.</summary>
internal enum FmuRequest : byte
{
    Open = 1,
    Initialise = 2,
    Step = 3,
    Read = 4,
    Close = 5,
}

/// <summary>What it answers: values, or a fault and whether it was a step that ended early.</summary>
internal enum FmuReply : byte
{
    Done = 1,
    Failed = 2,
    Incomplete = 3,
}

/// <summary>A value of a variable.</summary>
/// <param name="Number">Number of every type but text; booleans are 0 and 1.</param>
/// <param name="Text">The text of a text variable, else null.</param>
public readonly record struct FmuValue(double Number, string? Text = null)
{
    public static implicit operator FmuValue(double number) => new(number);

    /// <summary>Same as the conversion.</summary>
    public static FmuValue FromDouble(double number) => new(number);
}

/// <summary>A variable as the host knows it.</summary>
internal readonly record struct FmuHandle(uint Reference, FmuType Type, bool Discrete);

/// <summary>A value to be set.</summary>
internal readonly record struct FmuSetting(FmuHandle Handle, FmuValue Value);

/// <summary>What the host needs to know of an FMU.</summary>
internal sealed record FmuOpening(int FmiVersion, string Library, string Identifier, string Token, string Instance, string? Resources, bool HasEventMode, long MostMemoryBytes);

/// <summary>Frames and what is in them, the same at both ends.</summary>
internal static class FmuProtocol
{
    private const int MostFrame = 64 << 20;

    public static byte[] Frame(Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        bytes.Write([0, 0, 0, 0]);
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }

        var frame = bytes.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - 4);
        return frame;
    }

    /// <summary>The length of what follows four bytes.</summary>
    /// <exception cref="InvalidDataException">No frame has that length.</exception>
    public static int Length(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header) is var length and > 0 and <= MostFrame
        ? length
        : throw new InvalidDataException("A frame of an impossible length.");

    public static BinaryReader Reader(byte[] frame) => new(new MemoryStream(frame), Encoding.UTF8);

    public static void Write(BinaryWriter to, FmuOpening opening)
    {
        to.Write(opening.FmiVersion);
        to.Write(opening.Library);
        to.Write(opening.Identifier);
        to.Write(opening.Token);
        to.Write(opening.Instance);
        to.Write(opening.Resources ?? "");
        to.Write(opening.HasEventMode);
        to.Write(opening.MostMemoryBytes);
    }

    public static FmuOpening ReadOpening(BinaryReader from) => new(
        from.ReadInt32(), from.ReadString(), from.ReadString(), from.ReadString(), from.ReadString(), from.ReadString() is { Length: > 0 } resources ? resources : null, from.ReadBoolean(), from.ReadInt64());

    public static void Write(BinaryWriter to, IReadOnlyList<FmuSetting> settings)
    {
        to.Write(settings.Count);
        foreach (var setting in settings)
        {
            Write(to, setting.Handle);
            Write(to, setting.Value);
        }
    }

    public static FmuSetting[] ReadSettings(BinaryReader from)
    {
        var settings = new FmuSetting[from.ReadInt32()];
        for (var i = 0; i < settings.Length; i++)
        {
            settings[i] = new FmuSetting(ReadHandle(from), ReadValue(from));
        }

        return settings;
    }

    public static void Write(BinaryWriter to, IReadOnlyList<FmuHandle> handles)
    {
        to.Write(handles.Count);
        foreach (var handle in handles)
        {
            Write(to, handle);
        }
    }

    public static FmuHandle[] ReadHandles(BinaryReader from)
    {
        var handles = new FmuHandle[from.ReadInt32()];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = ReadHandle(from);
        }

        return handles;
    }

    public static void Write(BinaryWriter to, IReadOnlyList<FmuValue> values)
    {
        to.Write(values.Count);
        foreach (var value in values)
        {
            Write(to, value);
        }
    }

    public static FmuValue[] ReadValues(BinaryReader from)
    {
        var values = new FmuValue[from.ReadInt32()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadValue(from);
        }

        return values;
    }

    public static void Write(BinaryWriter to, IReadOnlyList<FmuMessage> messages)
    {
        to.Write(messages.Count);
        foreach (var message in messages)
        {
            to.Write(message.Status);
            to.Write(message.Category);
            to.Write(message.Text);
        }
    }

    public static FmuMessage[] ReadMessages(BinaryReader from)
    {
        var messages = new FmuMessage[from.ReadInt32()];
        for (var i = 0; i < messages.Length; i++)
        {
            messages[i] = new FmuMessage(from.ReadString(), from.ReadString(), from.ReadString());
        }

        return messages;
    }

    private static void Write(BinaryWriter to, FmuHandle handle)
    {
        to.Write(handle.Reference);
        to.Write((byte)handle.Type);
        to.Write(handle.Discrete);
    }

    private static FmuHandle ReadHandle(BinaryReader from) => new(from.ReadUInt32(), (FmuType)from.ReadByte(), from.ReadBoolean());

    private static void Write(BinaryWriter to, FmuValue value)
    {
        to.Write(value.Number);
        to.Write(value.Text is not null);
        if (value.Text is not null)
        {
            to.Write(value.Text);
        }
    }

    private static FmuValue ReadValue(BinaryReader from)
    {
        var number = from.ReadDouble();
        return new FmuValue(number, from.ReadBoolean() ? from.ReadString() : null);
    }
}

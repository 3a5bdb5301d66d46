using System.Buffers.Binary;

namespace Twin.NgsiLd.Entities;

/// <summary>Walks packed attribute instances.</summary>
public ref struct AttributeEnumerator
{
    private readonly int _only;
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal AttributeEnumerator(ReadOnlySpan<byte> bytes, int count)
        : this(bytes, count, -1)
    {
    }

    /// <summary>Ends before the first instance of another name; -1 goes on to the end.</summary>
    internal AttributeEnumerator(ReadOnlySpan<byte> bytes, int count, int only)
    {
        _rest = bytes;
        _left = count;
        _only = only;
    }

    /// <summary>The instance.</summary>
    public AttributeView Current { get; private set; }

    /// <summary>This.</summary>
    public readonly AttributeEnumerator GetEnumerator() => this;

    /// <summary>Goes on.</summary>
    public bool MoveNext()
    {
        if (_left-- <= 0)
        {
            return false;
        }

        ulong head = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        if (_only >= 0 && (int)(head >> 32) != _only)
        {
            _left = 0;
            return false;
        }

        int length = (int)head;
        Current = new AttributeView(_rest[..length]);
        _rest = _rest[length..];
        return true;
    }
}

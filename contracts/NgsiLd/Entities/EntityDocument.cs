using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Twin.NgsiLd.Entities;

/// <summary>
/// An entity in its resident form: one immutable block of bytes that is evaluated and answered without parsing. Names
/// are <c>Contexts.Terms</c> ids, values are ready JSON, numbers and boxes stand beside their text. A million of
/// these are a million small arrays, which the garbage collector passes over.
/// </summary>
/// <remarks>
/// Layout, little endian. Entity: createdAt i64, modifiedAt i64, expiresAt i64, types u16, scopes u16, instances u16,
/// idLength u16, id as escaped UTF-8, type ids i32 each, scopes (u16 length, UTF-8) each, then the instances.
/// Instance: see <see cref="AttributeView"/>.
/// </remarks>
public sealed class EntityDocument
{
    private const int HeaderLength = 32;
    private readonly byte[] _bytes;

    private EntityDocument(string id, byte[] bytes)
    {
        Id = id;
        _bytes = bytes;
    }

    /// <summary>The entity id, a URI.</summary>
    public string Id { get; }

    /// <summary>The id as escaped UTF-8 without quotes.</summary>
    public ReadOnlySpan<byte> IdUtf8 => _bytes.AsSpan(HeaderLength, IdLength);

    /// <summary>createdAt in microseconds since 1970 UTC.</summary>
    public long CreatedAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes);

    /// <summary>modifiedAt in microseconds since 1970 UTC.</summary>
    public long ModifiedAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(8));

    /// <summary>expiresAt in microseconds since 1970 UTC; 0 is never.</summary>
    public long ExpiresAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(16));

    /// <summary>Type ids in <c>Contexts.Terms</c>.</summary>
    public ReadOnlySpan<int> Types => MemoryMarshal.Cast<byte, int>(_bytes.AsSpan(TypesAt, TypeCount * 4));

    /// <summary>The number of scopes.</summary>
    public int ScopeCount => U16(26);

    /// <summary>The number of attribute instances.</summary>
    public int InstanceCount => U16(28);

    /// <summary>Bytes held, for metrics.</summary>
    public int Length => _bytes.Length;

    /// <summary>The scopes, each as UTF-8.</summary>
    public ScopeEnumerator Scopes => new(_bytes.AsSpan(TypesAt + (TypeCount * 4)), ScopeCount);

    /// <summary>The attribute instances in order; those of one name stand together.</summary>
    public AttributeEnumerator Attributes => new(_bytes.AsSpan(AttributesAt()), InstanceCount);

    private int TypeCount => U16(24);

    private int IdLength => U16(30);

    private int TypesAt => HeaderLength + IdLength;

    /// <summary>Finds the default instance of an attribute, or the first one when it has only datasets.</summary>
    /// <param name="name">The name's <c>Contexts.Terms</c> id.</param>
    /// <param name="view">The instance.</param>
    public bool TryFind(int name, out AttributeView view)
    {
        view = default;
        bool found = false;
        foreach (AttributeView candidate in Attributes)
        {
            if (candidate.Name != name)
            {
                continue;
            }

            if (!candidate.HasDatasetId)
            {
                view = candidate;
                return true;
            }

            if (!found)
            {
                view = candidate;
                found = true;
            }
        }

        return found;
    }

    /// <summary>Whether two states of an entity have the very same instances of an attribute, times included.</summary>
    public static bool SameAttribute(EntityDocument a, EntityDocument b, int name) => a.InstancesOf(name).SequenceEqual(b.InstancesOf(name));

    /// <summary>The instances of one attribute, which stand together, found without opening the others.</summary>
    /// <param name="name">The name's <c>Contexts.Terms</c> id.</param>
    public AttributeEnumerator Instances(int name)
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int at = AttributesAt();
        for (int left = InstanceCount; left > 0; left--)
        {
            ulong head = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            if ((int)(head >> 32) == name)
            {
                return new AttributeEnumerator(bytes[at..], left, name);
            }

            at += (int)head;
        }

        return default;
    }

    /// <summary>Whether the entity has this type.</summary>
    public bool HasType(int type) => Types.Contains(type);

    /// <summary>Packs a whole entity. Instances of one name are brought together in order of first appearance.</summary>
    public static EntityDocument Pack(EntityNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        byte[] id = EscapedUtf8(node.Id);
        List<AttributeNode> attributes = Grouped(node.Attributes);
        int length = HeaderLength + id.Length + (node.Types.Count * 4);
        foreach (string scope in node.Scopes ?? [])
        {
            length += 2 + Encoding.UTF8.GetByteCount(scope);
        }

        foreach (AttributeNode attribute in attributes)
        {
            length += AttributeView.PackedLength(attribute);
        }

        var bytes = new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, node.CreatedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), node.ModifiedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), node.ExpiresAt);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(24), checked((ushort)node.Types.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(26), checked((ushort)(node.Scopes?.Count ?? 0)));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(28), checked((ushort)attributes.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(30), checked((ushort)id.Length));
        id.CopyTo(bytes.AsSpan(HeaderLength));
        int at = HeaderLength + id.Length;
        foreach (int type in node.Types)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), type);
            at += 4;
        }

        foreach (string scope in node.Scopes ?? [])
        {
            int written = Encoding.UTF8.GetBytes(scope, bytes.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), checked((ushort)written));
            at += 2 + written;
        }

        foreach (AttributeNode attribute in attributes)
        {
            at += AttributeView.Pack(attribute, bytes.AsSpan(at));
        }

        return new EntityDocument(node.Id, bytes);
    }

    /// <summary>Opens the document as a tree whose values are slices of this document (no copies).</summary>
    public EntityNode Unpack()
    {
        var node = new EntityNode
        {
            Id = Id,
            Types = [.. Types],
            CreatedAt = CreatedAt,
            ModifiedAt = ModifiedAt,
            ExpiresAt = ExpiresAt,
            Attributes = new List<AttributeNode>(InstanceCount),
        };
        foreach (ReadOnlySpan<byte> scope in Scopes)
        {
            (node.Scopes ??= []).Add(Encoding.UTF8.GetString(scope));
        }

        int at = AttributesAt();
        for (int i = InstanceCount; i > 0; i--)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at));
            node.Attributes.Add(AttributeView.Unpack(_bytes.AsMemory(at, length)));
            at += length;
        }

        return node;
    }

    private static byte[] EscapedUtf8(string id) =>
        System.Text.Json.JsonEncodedText.Encode(id, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();

    private static List<AttributeNode> Grouped(List<AttributeNode> attributes)
    {
        bool grouped = true;
        for (int i = 2; i < attributes.Count && grouped; i++)
        {
            for (int j = i - 2; j >= 0; j--)
            {
                if (attributes[j].Name == attributes[i].Name && attributes[i - 1].Name != attributes[i].Name)
                {
                    grouped = false;
                    break;
                }
            }
        }

        return grouped ? attributes : [.. attributes.GroupBy(a => a.Name).SelectMany(g => g)];
    }

    private int AttributesAt()
    {
        int at = TypesAt + (TypeCount * 4);
        for (int i = ScopeCount; i > 0; i--)
        {
            at += 2 + U16(at);
        }

        return at;
    }

    /// <summary>The packed instances of one name, which stand together; empty when there are none.</summary>
    private ReadOnlySpan<byte> InstancesOf(int name)
    {
        int at = AttributesAt();
        int start = -1;
        for (int i = InstanceCount; i > 0; i--)
        {
            bool mine = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at + 4)) == name;
            if (mine && start < 0)
            {
                start = at;
            }
            else if (!mine && start >= 0)
            {
                break;
            }

            at += BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at));
        }

        return start < 0 ? [] : _bytes.AsSpan(start..at);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at));

    /// <summary>Walks scopes.</summary>
    public ref struct ScopeEnumerator(ReadOnlySpan<byte> bytes, int count)
    {
        private ReadOnlySpan<byte> _rest = bytes;
        private int _left = count;

        /// <summary>The scope as UTF-8.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>This.</summary>
        public readonly ScopeEnumerator GetEnumerator() => this;

        /// <summary>Goes on.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
            Current = _rest.Slice(2, length);
            _rest = _rest[(2 + length)..];
            return true;
        }
    }
}

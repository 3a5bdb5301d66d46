using System.Buffers;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>The bytes of an entity in the store and in its events (decision record 0002).</summary>
internal static class StoredForm
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? scratch;

    /// <summary>The stored form of an entity.</summary>
    public static byte[] Write(EntityDocument entity)
    {
        ArrayBufferWriter<byte> buffer = scratch ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        EntityRenderer.WriteStored(buffer, entity);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The entity of a stored form.</summary>
    public static EntityDocument Read(ReadOnlyMemory<byte> stored) =>
        EntityDocument.Pack(EntityParser.ParseEntity(stored, JsonLdContext.Core, ParseOptions.Stored));
}

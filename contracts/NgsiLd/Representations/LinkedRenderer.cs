using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>Linked entities within an answer (4.5.23, <c>join=inline</c>).</summary>
internal static class LinkedRenderer
{
    /// <summary>Writes <c>,"entity":{…}</c> or <c>,"entityList":[…]</c> when the relationship is followed and what it points to is there.</summary>
    public static void WriteEntity(ref Utf8Output output, AttributeView attribute, RenderOptions options, Projection projection, int level)
    {
        List<EntityDocument> linked = Find(attribute, options, projection, level);
        if (linked.Count == 0)
        {
            return;
        }

        bool list = attribute.Kind == AttributeKind.ListRelationship;
        output.Write(list ? ",\"entityList\":"u8 : ",\"entity\":"u8);
        WriteEntities(ref output, linked, list || linked.Count > 1, options, projection.Linked(attribute.Name), level);
    }

    /// <summary>Simplified form: the entities in place of their URIs; false when there are none to write.</summary>
    public static bool WriteInPlace(ref Utf8Output output, AttributeView attribute, RenderOptions options, Projection projection, int level)
    {
        List<EntityDocument> linked = Find(attribute, options, projection, level);
        if (linked.Count == 0)
        {
            return false;
        }

        WriteEntities(ref output, linked, attribute.Kind == AttributeKind.ListRelationship || linked.Count > 1, options, projection.Linked(attribute.Name), level);
        return true;
    }

    /// <summary>Writes the URIs of an objectList alone (4.5.4).</summary>
    public static void WriteUris(ref Utf8Output output, ReadOnlySpan<byte> json)
    {
        output.Write((byte)'[');
        bool first = true;
        foreach (string uri in LinkedIds.In(json))
        {
            if (!first)
            {
                output.Write((byte)',');
            }

            first = false;
            output.WriteString(Encoding.UTF8.GetBytes(uri));
        }

        output.Write((byte)']');
    }

    private static List<EntityDocument> Find(AttributeView attribute, RenderOptions options, Projection projection, int level)
    {
        if (options.Linked is not { } lookup || level >= options.JoinLevel || !projection.Follows(attribute.Name))
        {
            return [];
        }

        return [.. LinkedIds.Of(attribute).Select(lookup).OfType<EntityDocument>()];
    }

    private static void WriteEntities(ref Utf8Output output, List<EntityDocument> linked, bool array, RenderOptions options, Projection projection, int level)
    {
        if (array)
        {
            output.Write((byte)'[');
        }

        for (int i = 0; i < linked.Count; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            ViewRenderer.Write(ref output, linked[i], options, projection, level + 1);
            output.Write((byte)'}');
        }

        if (array)
        {
            output.Write((byte)']');
        }
    }
}

/// <summary>The entities that relationships point to.</summary>
public static class LinkedIds
{
    /// <summary>The URIs of a relationship, in order; none when it is no relationship.</summary>
    public static List<string> Of(AttributeView attribute) =>
        attribute.Kind is AttributeKind.Relationship or AttributeKind.ListRelationship ? In(attribute.Value) : [];

    /// <summary>The URIs of all relationships of an entity that a join follows (4.5.23), each with the relationship's name.</summary>
    public static List<(int Relationship, string Id)> Of(EntityDocument entity, Projection projection)
    {
        var ids = new List<(int, string)>();
        foreach (AttributeView attribute in entity.Attributes)
        {
            int name = attribute.Name;
            if (projection.Follows(name))
            {
                ids.AddRange(Of(attribute).Select(id => (name, id)));
            }
        }

        return ids;
    }

    internal static List<string> In(ReadOnlySpan<byte> json)
    {
        var ids = new List<string>(1);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                ids.Add(reader.GetString()!);
            }
        }

        return ids;
    }
}

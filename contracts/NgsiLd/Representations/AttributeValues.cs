using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>What each attribute type takes as its value, and how it is kept.</summary>
internal static class AttributeValues
{
    /// <summary>Checks the value for the node's type and sets it, or marks the node for removal when it is NGSI-LD Null.</summary>
    public static void Set(ParseState state, AttributeNode node, RawValue value)
    {
        if (value.IsNull)
        {
            throw state.Fault(value.Start, "JSON null is no value of an attribute (5.5.4): leave the attribute out, or remove it in an update with urn:ngsi-ld:null.");
        }

        if (value.IsNgsiLdNull(state) || (node.Kind == AttributeKind.LanguageProperty && IsNullMap(state, value)))
        {
            if (!state.Options.AllowsNull)
            {
                throw state.Fault(value.Start, "urn:ngsi-ld:null has no place here: it removes an attribute in an update (5.5.4).");
            }

            node.Removed |= RemovedMembers.Value;
            return;
        }

        if (CoreTerms.IsGeometry(node.Name) && node.Kind != AttributeKind.GeoProperty)
        {
            throw state.Fault(value.Start, "location, observationSpace and operationSpace are GeoProperties (4.7.1).");
        }

        switch (node.Kind)
        {
            case AttributeKind.Property:
                node.Value = value.Take(state);
                break;
            case AttributeKind.JsonProperty:
                if (value.Token is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                {
                    throw state.Fault(value.Start, "json is an object or an array (4.5.24).");
                }

                node.Value = value.Take(state);
                break;
            case AttributeKind.GeoProperty:
                SetGeometry(state, node, value);
                break;
            case AttributeKind.Relationship:
                CheckObject(state, value);
                node.Value = value.Take(state);
                break;
            case AttributeKind.LanguageProperty:
                CheckLanguages(state, value);
                node.Value = value.Take(state);
                break;
            case AttributeKind.VocabProperty:
                node.Value = VocabularyIris(state, value);
                break;
            case AttributeKind.ListProperty:
                NeedArray(state, value, "valueList");
                node.Value = value.Take(state);
                break;
            default:
                node.Value = ObjectList(state, value);
                break;
        }
    }

    /// <summary>Reads the value of a node whose type was a guess once more as one of the given type.</summary>
    public static void Reread(AttributeNode node, AttributeKind kind)
    {
        if (kind == AttributeKind.VocabProperty)
        {
            throw NgsiLdException.BadRequest("The attribute is a VocabProperty; give its terms as {\"vocab\": …}, also in simplified form (4.5.20).");
        }

        var state = new ParseState(node.Value, Contexts.JsonLdContext.Core, ParseOptions.Patch);
        Utf8JsonReader reader = state.Reader();
        reader.Read();
        node.Kind = kind;
        Set(state, node, JsonValues.Read(state, ref reader));
    }

    private static void SetGeometry(ParseState state, AttributeNode node, RawValue value)
    {
        if (value.Token == JsonTokenType.String)
        {
            SetEncodedGeometry(state, node, value);
            return;
        }

        node.Geometry = Geometries.Check(state, value, out BoundingBox bounds);
        node.Bounds = bounds;
        node.Value = value.Take(state);
    }

    /// <summary>A geometry may come as the text of its JSON (4.7.2); it is kept as the object.</summary>
    private static void SetEncodedGeometry(ParseState state, AttributeNode node, RawValue value)
    {
        byte[] text = value.Text(state).ToArray();
        try
        {
            var inner = new ParseState(text, state.Context, state.Options);
            Utf8JsonReader reader = inner.Reader();
            reader.Read();
            SetGeometry(inner, node, JsonValues.Read(inner, ref reader));
        }
        catch (Exception e) when (e is JsonException or NgsiLdException)
        {
            throw state.Fault(value.Start, $"The string is not the text of a GeoJSON geometry (4.7.2): {e.Message}");
        }
    }

    private static Utf8JsonReader Inside(ParseState state, RawValue value)
    {
        var reader = new Utf8JsonReader(value.Sent(state), new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        reader.Read();
        return reader;
    }

    private static bool IsNullMap(ParseState state, RawValue value)
    {
        if (value.Token != JsonTokenType.StartObject)
        {
            return false;
        }

        Utf8JsonReader reader = Inside(state, value);
        return reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("@none"u8)
            && reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("urn:ngsi-ld:null"u8)
            && reader.Read() && reader.TokenType == JsonTokenType.EndObject;
    }

    private static void CheckObject(ParseState state, RawValue value)
    {
        if (value.Token == JsonTokenType.String)
        {
            CheckUri(state, value.Text(state), value.Start);
            return;
        }

        Utf8JsonReader reader = Inside(state, value);
        int count = 0;
        for (; value.Token == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String; count++)
        {
            CheckUri(state, Encoding.UTF8.GetBytes(reader.GetString()!), value.Start + reader.TokenStartIndex);
        }

        if (count == 0 || reader.TokenType != JsonTokenType.EndArray)
        {
            throw state.Fault(value.Start, "The object of a Relationship is a URI or an array of URIs (4.5.3).");
        }
    }

    private static void CheckUri(ParseState state, ReadOnlySpan<byte> uri, long at)
    {
        if (!Uris.IsAbsolute(uri))
        {
            throw state.Fault(at, $"'{Encoding.UTF8.GetString(uri)}' is not a URI; a Relationship points to one such as urn:ngsi-ld:Building:1 (4.5.3).");
        }
    }

    private static void CheckLanguages(ParseState state, RawValue value)
    {
        if (value.Token != JsonTokenType.StartObject)
        {
            throw state.Fault(value.Start, "languageMap is an object of language tags (RFC 5646) with strings or arrays of strings (4.5.18).");
        }

        Utf8JsonReader reader = Inside(state, value);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            long at = value.Start + reader.TokenStartIndex;
            if (!IsLanguage(reader.ValueSpan))
            {
                throw state.Fault(at, $"'{reader.GetString()}' is not a language tag (RFC 5646) such as en or fr-CH, nor @none (4.5.18).");
            }

            reader.Read();
            bool text = reader.TokenType == JsonTokenType.String && !(state.RefusesNestedNull && reader.ValueTextEquals("urn:ngsi-ld:null"u8));
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                text = true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    text &= reader.TokenType == JsonTokenType.String;
                    reader.Skip();
                }
            }

            if (!text)
            {
                throw state.Fault(at, "A language has a string or an array of strings (4.5.18).");
            }
        }
    }

    private static bool IsLanguage(ReadOnlySpan<byte> tag)
    {
        if (tag.SequenceEqual("@none"u8))
        {
            return true;
        }

        int part = 0;
        foreach (byte b in tag)
        {
            part = b == '-' ? 0 : part + 1;
            if (part > 8 || (b != '-' && !char.IsAsciiLetterOrDigit((char)b)))
            {
                return false;
            }
        }

        return part > 0 && char.IsAsciiLetter((char)tag[0]);
    }

    private static ReadOnlyMemory<byte> VocabularyIris(ParseState state, RawValue value)
    {
        Utf8JsonReader reader = Inside(state, value);
        bool array = reader.TokenType == JsonTokenType.StartArray;
        var json = new List<byte>(64);
        bool any = false;
        if (array)
        {
            json.Add((byte)'[');
            reader.Read();
        }

        for (; reader.TokenType == JsonTokenType.String; reader.Read())
        {
            string term = reader.GetString()!;
            if (term.Length == 0)
            {
                throw state.Fault(value.Start + reader.TokenStartIndex, "A vocabulary term is empty.");
            }

            string iri = state.Options.HasExpandedNames ? term : state.Context.ExpandIri(term, vocab: true);
            byte[] text = Encoding.UTF8.GetBytes(iri);
            byte[] quoted = new byte[(text.Length * 6) + 2];
            int length = JsonValues.WriteString(text, quoted);
            if (any)
            {
                json.Add((byte)',');
            }

            json.AddRange(quoted.AsSpan(0, length));
            any = true;
            if (!array)
            {
                break;
            }
        }

        if (!any || reader.TokenType != (array ? JsonTokenType.EndArray : JsonTokenType.String))
        {
            throw state.Fault(value.Start, "vocab is a term or an array of terms (4.5.20).");
        }

        if (array)
        {
            json.Add((byte)']');
        }

        return json.ToArray();
    }

    private static void NeedArray(ParseState state, RawValue value, string name)
    {
        if (value.Token != JsonTokenType.StartArray)
        {
            throw state.Fault(value.Start, $"{name} is an array (4.5.21, 4.5.22).");
        }
    }

    /// <summary>Elements are kept as <c>{"object": URI}</c>; the concise form gives the URIs alone.</summary>
    private static ReadOnlyMemory<byte> ObjectList(ParseState state, RawValue value)
    {
        NeedArray(state, value, "objectList");
        Utf8JsonReader reader = Inside(state, value);
        var json = new List<byte>(value.Length) { (byte)'[' };
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long at = value.Start + reader.TokenStartIndex;
            string? uri = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("object"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    uri = reader.GetString();
                    uri = reader.Read() && reader.TokenType == JsonTokenType.EndObject ? uri : null;
                }
            }

            if (uri is null)
            {
                throw state.Fault(at, "objectList holds objects with the one member object, or URIs (4.5.22).");
            }

            byte[] text = Encoding.UTF8.GetBytes(uri);
            CheckUri(state, text, at);
            json.AddRange(json.Count > 1 ? ",{\"object\":\""u8 : "{\"object\":\""u8);
            json.AddRange(text);
            json.AddRange("\"}"u8);
        }

        json.Add((byte)']');
        return json.ToArray();
    }
}

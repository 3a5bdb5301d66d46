using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>What one parse knows: its body, names, purpose, and the bytes it makes.</summary>
internal sealed class ParseState
{
    /// <summary>How deep a body may nest. Each level costs a frame of the stack, so the bound is firm.</summary>
    public const int MaximumDepth = 64;

    private const int MaximumCount = ushort.MaxValue;

    public ParseState(ReadOnlyMemory<byte> body, JsonLdContext context, ParseOptions options, bool isAttribute = false)
    {
        Body = body;
        Context = context;
        Options = options;
        if (!Utf8.IsValid(body.Span))
        {
            throw NgsiLdException.Invalid("The body is not UTF-8. Send JSON in UTF-8 (RFC 8259, 8.1).");
        }

        // Only a merge may take a null out of the inside of a value (5.5.12).
        RefusesNestedNull = !(options.AllowsPartial && !isAttribute) && body.Span.IndexOf("urn:ngsi-ld:null"u8) >= 0;
        AttributeBodyStart = isAttribute ? 0 : -1;
    }

    public ReadOnlyMemory<byte> Body { get; }

    public JsonLdContext Context { get; set; }

    public ParseOptions Options { get; }

    public ValueArena Arena { get; } = new();

    /// <summary>Where the body's one attribute starts, when it is the body of an attribute operation; such a body has a @context.</summary>
    public int AttributeBodyStart { get; set; }

    /// <summary>Whether to look for NGSI-LD Null within values: the body has the text, and its place is not one where it may be.</summary>
    public bool RefusesNestedNull { get; private set; }

    public Utf8JsonReader Reader() => new(Body.Span, new JsonReaderOptions { MaxDepth = MaximumDepth });

    /// <summary>Refuses the token at an offset of the body.</summary>
    public NgsiLdException Fault(long offset, string detail) =>
        NgsiLdException.BadRequest(detail, JsonPointers.At(Body.Span, (int)offset));

    /// <summary>What is wrong with the syntax, with its place.</summary>
    public static NgsiLdException Malformed(JsonException e) => NgsiLdException.Invalid(
        e.Message.Contains("depth", StringComparison.Ordinal)
            ? $"The body nests deeper than {MaximumDepth} levels, at line {e.LineNumber + 1}, byte {e.BytePositionInLine}."
            : $"The body is not JSON (RFC 8259): line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {e.Message.Split(" LineNumber:")[0]}");

    /// <summary>The text of a property name or string, unescaped.</summary>
    public ReadOnlySpan<byte> Text(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(String(ref reader)) : reader.ValueSpan;

    /// <summary>The text of a string.</summary>
    public string String(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Fault(reader.TokenStartIndex, "The string has half of a surrogate pair (RFC 8259, 8.2).");
        }
    }

    /// <summary>The number of a type's or attribute's name.</summary>
    public int Name(ReadOnlySpan<byte> name, long offset)
    {
        if (Options.HasExpandedNames)
        {
            return Terms.InternStored(name);
        }

        if (!Uris.IsName(name))
        {
            throw Fault(offset, $"'{Encoding.UTF8.GetString(name)}' cannot name a type or attribute (4.6.2): start with a letter and go on with letters, digits or _, or give an IRI.");
        }

        try
        {
            return Context.Expand(name);
        }
        catch (NgsiLdException e)
        {
            throw Fault(offset, e.Message);
        }
    }

    /// <summary>Refuses more elements than the packed form can count.</summary>
    public void Bound(int count, long offset, string what)
    {
        if (count > MaximumCount)
        {
            throw Fault(offset, $"More than {MaximumCount} {what}.");
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.Telemetry.Ingest.Entities;

/// <summary>
/// The temporal evolution of one entity as rows, an instance each. One that has a plain value, with a unit and a quality at most, is
/// the point that it would be in CSV; any other one is kept whole, as through the temporal API.
/// </summary>
internal sealed class EntityRecord(RecordContexts contexts)
{
    private readonly InstanceCutter cutter = new();
    private int next;
    private bool isReady;
    private (JsonLdContext Context, bool IsOwn, RowFault? Fault) meaning;
    private JsonLdContext? typesContext;
    private byte[] typesText = [];
    private string[] types = [];

    /// <summary>Whether something has to be fetched before its rows can be read.</summary>
    public bool Waits => contexts.Waits;

    /// <summary>Fetches it.</summary>
    public ValueTask PrepareAsync(CancellationToken cancel) => contexts.FindAsync(cancel);

    /// <summary>Takes a record in.</summary>
    /// <returns>Why the whole of it is refused.</returns>
    public RowFault? Open(ReadOnlySpan<byte> record)
    {
        (next, isReady) = (-1, false);
        if (cutter.Cut(record) is { } fault)
        {
            return fault;
        }

        if (cutter.Id.IsEmpty)
        {
            return new RowFault("entity", "it has no id.");
        }

        if (cutter.Count == 0)
        {
            return RowFault.Of("it has no instance of an attribute.");
        }

        contexts.Ask(cutter.Of(cutter.Context));
        return null;
    }

    /// <summary>Reads the next row; false when there is no more.</summary>
    public bool ReadMore(out PointRow row, out RowFault? fault)
    {
        row = default;
        fault = null;
        if (!isReady)
        {
            isReady = true;
            if (Begin() is { } refused)
            {
                (fault, next) = (refused, cutter.Count);
                return true;
            }

            next = 0;
        }

        if (next >= cutter.Count)
        {
            return false;
        }

        ref readonly var slot = ref cutter[next++];
        fault = slot.Fault;
        if (fault is not null)
        {
            return true;
        }

        row.Entity = cutter.Of(cutter.Id);
        row.Attribute = cutter.NameOf(slot.Attribute);
        row.Dataset = cutter.Of(slot.Dataset);
        row.Types = types;
        row.Context = meaning.IsOwn ? meaning.Context : null;
        if (!slot.Whole.IsEmpty)
        {
            row.Value = cutter.Of(slot.Whole);
            row.Instance = Parse(row.Attribute, cutter.MemoryOf(slot.Whole), out fault);
            row.Dataset = row.Instance?.DatasetId is { } dataset ? Encoding.UTF8.GetBytes(dataset) : default(ReadOnlySpan<byte>);
            return true;
        }

        row.ObservedAt = cutter.Of(slot.Time);
        (row.Kind, row.Form, row.Bits) = (slot.Kind, slot.Form, slot.Bits);
        row.Value = cutter.Of(slot.Value);
        row.Unit = cutter.Of(slot.Unit);
        row.Quality = cutter.Of(slot.Quality);
        return true;
    }

    /// <summary>Where a member of the last row stands: a JSON Pointer within the entity.</summary>
    public string? PlaceOf(string? member)
    {
        if (member is "entity" or "@context" or "type" || next <= 0 || next > cutter.Count)
        {
            return member == "entity" ? "/id" : member is "@context" or "type" ? "/" + member : null;
        }

        ref readonly var slot = ref cutter[next - 1];
        var place = new StringBuilder().Append('/').Append(Encoding.UTF8.GetString(cutter.NameOf(slot.Attribute)).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        if (slot.Index >= 0)
        {
            place.Append(CultureInfo.InvariantCulture, $"/{slot.Index}");
        }

        if (slot.List is not null && slot.Entry >= 0)
        {
            place.Append(CultureInfo.InvariantCulture, $"/{slot.List}/{slot.Entry}");
            return member is "value" or "observedAt" ? place.Append(member == "value" ? "/0" : "/1").ToString() : place.ToString();
        }

        return member switch
        {
            "observedAt" or "value" or "quality" => place.Append('/').Append(member).ToString(),
            "unit" => place.Append("/unitCode").ToString(),
            "dataset" => place.Append("/datasetId").ToString(),
            _ => place.ToString(),
        };
    }

    private RowFault? Begin()
    {
        meaning = contexts.Of(cutter.Of(cutter.Context));
        return meaning.Fault ?? ReadTypes(cutter.Of(cutter.Types));
    }

    /// <summary>Records of a body mostly have one type.</summary>
    private RowFault? ReadTypes(ReadOnlySpan<byte> json)
    {
        if (ReferenceEquals(typesContext, meaning.Context) && json.SequenceEqual(typesText))
        {
            return null;
        }

        (types, typesText, typesContext) = ([], json.ToArray(), meaning.Context);
        if (json.IsEmpty)
        {
            return null;
        }

        var found = new List<string>();
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && Uris.IsName(reader.ValueSpan) && reader.ValueSpan.Length <= Terms.MaximumLength)
                {
                    found.Add(meaning.Context.ExpandTerm(reader.GetString()!));
                }
                else if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray) || reader.CurrentDepth > 0)
                {
                    typesContext = null;
                    return new RowFault("type", "it is the name of a type, or an array of them.");
                }
            }
        }
        catch (NgsiLdException fault)
        {
            typesContext = null;
            return new RowFault("type", fault.Message);
        }

        types = [.. found.Distinct(StringComparer.Ordinal)];
        return null;
    }

    private AttributeNode? Parse(ReadOnlySpan<byte> name, ReadOnlyMemory<byte> json, out RowFault? fault)
    {
        fault = null;
        if (!Uris.IsName(name))
        {
            fault = new RowFault("attribute", "it names no attribute.");
            return null;
        }

        try
        {
            var term = Terms.Intern(meaning.Context.ExpandTerm(Encoding.UTF8.GetString(name)));
            var nodes = EntityParser.ParseAttribute(json, term, meaning.Context, ParseOptions.TemporalFragment);
            return nodes is [var one] ? one : throw NgsiLdException.BadRequest("An attribute instance is one object.");
        }
        catch (NgsiLdException refused)
        {
            fault = RowFault.Of(refused.Message);
            return null;
        }
    }
}

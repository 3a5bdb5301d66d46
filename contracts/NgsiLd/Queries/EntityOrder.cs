using System.Globalization;
using NetTopologySuite.Geometries;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// The order of an answer (4.23), by several keys. Numbers come before strings, those before true and false, then
/// compound values; what is absent, hidden or expired comes last either way. Ties are broken by creation, then by id.
/// </summary>
public sealed class EntityOrder : IComparer<OrderedEntity>
{
    private readonly OrderTerm[] _terms;
    private readonly CompareInfo? _collation;

    private EntityOrder(OrderTerm[] terms, CompareInfo? collation)
    {
        _terms = terms;
        _collation = collation;
    }

    /// <summary>Parses the parameters; null when no order is asked for.</summary>
    /// <param name="orderBy"><c>name</c>, <c>name;desc</c>, <c>address[city]</c>, <c>location;dist-asc</c>, several with commas.</param>
    /// <param name="collation">An RFC 6067 tag such as <c>de-u-co-phonebk</c>, <c>und</c> for the root; null is code points.</param>
    /// <param name="orderFrom">The coordinates from which distances are measured, as JSON.</param>
    /// <param name="orderGeometry">Their GeoJSON type; null is Point.</param>
    /// <param name="context">The @context that expands names.</param>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static EntityOrder? Parse(string? orderBy, string? collation, string? orderFrom, string? orderGeometry, JsonLdContext context)
    {
        CompareInfo? compare = ParseCollation(collation);
        Geometry? from = string.IsNullOrEmpty(orderFrom)
            ? null
            : GeometryText.ParseCoordinates(string.IsNullOrEmpty(orderGeometry) ? "Point" : orderGeometry, System.Text.Encoding.UTF8.GetBytes(orderFrom), "orderFrom");
        if (string.IsNullOrEmpty(orderBy))
        {
            return null;
        }

        string[] items = orderBy.Split(',');
        if (items.Length > QueryLimits.PathSegments)
        {
            throw QueryLimits.TooComplex($"more than {QueryLimits.PathSegments} keys.", "orderBy");
        }

        return new([.. items.Select(item => OrderTerm.Parse(item, from, context))], compare);
    }

    /// <summary>The entity with its keys, made once. Only what the caller may see counts.</summary>
    public OrderedEntity Key(EntityDocument entity, in EvaluationContext context)
    {
        var keys = new OrderKey[_terms.Length];
        if (context.Scope.TrySee(entity, out VisibleAttributes visible))
        {
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = _terms[i].Key(entity, visible, in context, _collation);
            }
        }

        return new OrderedEntity(entity, keys);
    }

    /// <summary>Compares two entities by their keys.</summary>
    public int Compare(OrderedEntity x, OrderedEntity y)
    {
        for (int i = 0; i < _terms.Length; i++)
        {
            int order = x.Keys[i].CompareTo(y.Keys[i], _terms[i].Descending);
            if (order != 0)
            {
                return order;
            }
        }

        int created = x.Entity.CreatedAt.CompareTo(y.Entity.CreatedAt);
        return created != 0 ? created : string.CompareOrdinal(x.Entity.Id, y.Entity.Id);
    }

    /// <summary>Whether this is the order of <see cref="EntityIdOrder"/>: by id alone, ascending, without a collation.</summary>
    public bool IsById => _collation is null && _terms is [{ IsId: true, Descending: false }];

    /// <summary>One page of the ordered entities.</summary>
    /// <param name="entities">All matches, in any order.</param>
    /// <param name="skip">How many come before the page.</param>
    /// <param name="take">How many are on it.</param>
    /// <param name="context">What the caller sees, and when.</param>
    /// <param name="total">How many there were.</param>
    public List<EntityDocument> Page(IEnumerable<EntityDocument> entities, int skip, int take, in EvaluationContext context, out int total)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var page = new OrderedPage(this, skip, take, context);
        foreach (EntityDocument entity in entities)
        {
            page.Add(entity);
        }

        total = page.Total;
        return page.Take();
    }

    private static CompareInfo? ParseCollation(string? collation)
    {
        if (string.IsNullOrEmpty(collation))
        {
            return null;
        }

        // A tag is a language, perhaps with more parts, perhaps with a -u- extension that names the collation.
        bool wellFormed = LanguageFilter.IsTag(collation) && collation != "*";
        int extension = wellFormed ? collation.IndexOf("-u-", StringComparison.OrdinalIgnoreCase) : -1;
        string language = extension < 0 ? collation : collation[..extension];
        try
        {
            if (wellFormed)
            {
                bool root = language.Equals("und", StringComparison.OrdinalIgnoreCase) || language.Equals("root", StringComparison.OrdinalIgnoreCase);
                if (root && extension < 0)
                {
                    return CultureInfo.InvariantCulture.CompareInfo;
                }

                _ = root ? null : CultureInfo.GetCultureInfo(language, predefinedOnly: true);
                return CultureInfo.GetCultureInfo(collation).CompareInfo;
            }
        }
        catch (CultureNotFoundException)
        {
            // Said below.
        }

        throw NgsiLdException.BadRequest($"collation '{collation}' is not known: give a tag such as de, de-u-co-phonebk or und (RFC 6067).", "collation");
    }
}

/// <summary>An entity with its keys.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Keys">Its keys.</param>
public readonly record struct OrderedEntity(EntityDocument Entity, OrderKey[] Keys);

/// <summary>What one key of an order compares.</summary>
public readonly struct OrderKey : IEquatable<OrderKey>
{
    private readonly KeyRank _rank;
    private readonly double _number;
    private readonly byte[]? _bytes;

    private OrderKey(KeyRank rank, double number, byte[]? bytes)
    {
        _rank = rank;
        _number = number;
        _bytes = bytes;
    }

    /// <summary>Whether the two sort alike.</summary>
    public static bool operator ==(OrderKey left, OrderKey right) => left.Equals(right);

    /// <summary>Whether the two sort apart.</summary>
    public static bool operator !=(OrderKey left, OrderKey right) => !left.Equals(right);

    private enum KeyRank : byte
    {
        Absent,
        Number,
        Text,
        Boolean,
        Compound,
    }

    /// <inheritdoc/>
    public bool Equals(OrderKey other) => CompareTo(other, descending: false) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OrderKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_rank, _number, _bytes?.Length);

    internal static OrderKey OfNumber(double number) => new(KeyRank.Number, number, null);

    internal static OrderKey OfText(ReadOnlySpan<byte> utf8, CompareInfo? collation) => new(
        KeyRank.Text, 0, collation is null ? utf8.ToArray() : collation.GetSortKey(System.Text.Encoding.UTF8.GetString(utf8)).KeyData);

    internal static OrderKey OfJson(ReadOnlySpan<byte> json, CompareInfo? collation)
    {
        switch (AttributeView.ShapeOf(json))
        {
            case JsonShape.Number when System.Buffers.Text.Utf8Parser.TryParse(json, out double number, out _):
                return OfNumber(number);
            case JsonShape.String:
                using (var buffer = new Scratch<byte>(stackalloc byte[256], json.Length))
                {
                    return OfText(JsonText.Unescape(json, buffer.Span), collation);
                }

            case JsonShape.Boolean:
                return new(KeyRank.Boolean, json[0] == 't' ? 1 : 0, null);
            case JsonShape.Object:
                ReadOnlySpan<byte> typed = JsonText.Member(json, "@value"u8);
                return typed.IsEmpty || AttributeView.ShapeOf(typed) is JsonShape.Object or JsonShape.Array
                    ? new(KeyRank.Compound, 0, json.ToArray())
                    : OfJson(typed, collation);
            case JsonShape.Array:
                return new(KeyRank.Compound, 1, json.ToArray());
            default:
                return default;
        }
    }

    internal int CompareTo(in OrderKey other, bool descending)
    {
        if (_rank == KeyRank.Absent || other._rank == KeyRank.Absent)
        {
            return (_rank == KeyRank.Absent ? 1 : 0) - (other._rank == KeyRank.Absent ? 1 : 0);
        }

        int order = _rank.CompareTo(other._rank);
        order = order != 0 ? order : _number.CompareTo(other._number);
        order = order != 0 || _bytes is null ? order : _bytes.AsSpan().SequenceCompareTo(other._bytes);
        return descending ? -order : order;
    }
}

using System.Globalization;
using System.Text;
using NetTopologySuite.Geometries;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>One key of an order (4.23.3).</summary>
internal sealed class OrderTerm
{
    private EntityMembers _member;
    private QTarget? _target;
    private Geometry? _from;

    public bool Descending { get; private init; }

    public bool IsId => _target is null && _member == EntityMembers.Id;

    public static OrderTerm Parse(string item, Geometry? from, JsonLdContext context)
    {
        int semicolon = item.IndexOf(';', StringComparison.Ordinal);
        string path = semicolon < 0 ? item : item[..semicolon];
        string direction = semicolon < 0 ? "asc" : item[(semicolon + 1)..];
        if (direction is not ("asc" or "desc" or "dist-asc" or "dist-desc"))
        {
            throw NgsiLdException.BadRequest($"orderBy: '{direction}' is none of asc, desc, dist-asc, dist-desc.", "orderBy");
        }

        bool distance = direction.StartsWith("dist", StringComparison.Ordinal);
        if (distance && from is null)
        {
            throw NgsiLdException.BadRequest("orderBy by distance needs the place to measure from: orderFrom (4.23.3).", "orderFrom");
        }

        var term = new OrderTerm { Descending = direction.EndsWith("desc", StringComparison.Ordinal), _from = distance ? from : null };
        term._member = EntityMemberNames.Of(path);
        if (term._member == EntityMembers.None)
        {
            term._target = new QParser(new QueryCursor(path, "orderBy"), context, null).ParsePathAlone();
            if (term._target is { Name: null } or { Linked: not null })
            {
                throw NgsiLdException.BadRequest($"orderBy: '{path}' is not an attribute of the entity itself.", "orderBy");
            }
        }
        else if (distance)
        {
            throw NgsiLdException.BadRequest($"orderBy: '{path}' is no GeoProperty and has no distance.", "orderBy");
        }

        return term;
    }

    public OrderKey Key(EntityDocument entity, VisibleAttributes visible, in EvaluationContext context, CompareInfo? collation)
    {
        if (_target is null)
        {
            return OfMember(entity, collation);
        }

        int name = _target.Name!.Id;
        if (name < 0 || !visible.Contains(name) || !TryFind(entity.Attributes, name, in context, out AttributeView view))
        {
            return default;
        }

        foreach (TermName sub in _target.SubAttributes)
        {
            if (!TryFind(view.SubAttributes, sub.Id, in context, out view))
            {
                return default;
            }
        }

        if (_from is not null)
        {
            return OfDistance(view);
        }

        return _target.Member == SystemMember.None ? OfValue(view, collation) : OfSystemMember(view, collation);
    }

    /// <summary>The default instance, or else the first, of those that have not expired.</summary>
    private static bool TryFind(AttributeEnumerator instances, int name, in EvaluationContext context, out AttributeView view)
    {
        view = default;
        bool found = false;
        foreach (AttributeView candidate in instances)
        {
            if (candidate.Name != name || context.Gone(candidate.ExpiresAt))
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

    private static OrderKey OfInstant(long instant) => instant == 0 ? default : OrderKey.OfNumber(instant);

    private OrderKey OfMember(EntityDocument entity, CompareInfo? collation)
    {
        switch (_member)
        {
            case EntityMembers.CreatedAt:
                return OfInstant(entity.CreatedAt);
            case EntityMembers.ModifiedAt:
                return OfInstant(entity.ModifiedAt);
            case EntityMembers.ExpiresAt:
                return OfInstant(entity.ExpiresAt);
            case EntityMembers.Type:
                return entity.Types.IsEmpty ? default : OrderKey.OfText(Terms.Utf8(entity.Types[0]), collation);
            case EntityMembers.Scope:
                foreach (ReadOnlySpan<byte> scope in entity.Scopes)
                {
                    return OrderKey.OfText(scope, collation);
                }

                return default;
            default:
                return OrderKey.OfText(Encoding.UTF8.GetBytes(entity.Id), collation);
        }
    }

    private OrderKey OfValue(in AttributeView view, CompareInfo? collation)
    {
        if (_target!.Path is { } path)
        {
            ReadOnlySpan<byte> inner = path.First(view);
            return inner.IsEmpty ? default : OrderKey.OfJson(inner, collation);
        }

        return view.TryGetNumber(out double number) ? OrderKey.OfNumber(number) : OrderKey.OfJson(view.Value, collation);
    }

    private OrderKey OfSystemMember(in AttributeView view, CompareInfo? collation) => _target!.Member switch
    {
        SystemMember.CreatedAt => OfInstant(view.CreatedAt),
        SystemMember.ModifiedAt => OfInstant(view.ModifiedAt),
        SystemMember.ExpiresAt => OfInstant(view.ExpiresAt),
        SystemMember.ObservedAt => view.ObservedAt is { } observedAt ? OrderKey.OfNumber(observedAt) : default,
        SystemMember.UnitCode => view.UnitCode.IsEmpty ? default : OrderKey.OfText(view.UnitCode, collation),
        _ => view.HasDatasetId ? OrderKey.OfText(view.DatasetId, collation) : default,
    };

    private OrderKey OfDistance(in AttributeView view)
    {
        if (view.Geometry == GeometryShape.None)
        {
            return default;
        }

        if (view.Geometry == GeometryShape.Point)
        {
            return OrderKey.OfNumber(Geodesy.Distance(view.Bounds.West, view.Bounds.South, _from!));
        }

        return GeometryText.ParseStored(view.Value) is { } stored ? OrderKey.OfNumber(Geodesy.Distance(stored, _from!)) : default;
    }
}

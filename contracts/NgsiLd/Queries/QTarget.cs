using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>A member that the broker or the wire keeps beside the value (4.8).</summary>
internal enum SystemMember : byte
{
    None,
    CreatedAt,
    ModifiedAt,
    ExpiresAt,
    ObservedAt,
    UnitCode,
    DatasetId,
}

/// <summary>The circumstances of evaluating one entity.</summary>
internal readonly ref struct Frame(VisibleAttributes visible, ref readonly EvaluationContext context)
{
    public readonly VisibleAttributes Visible = visible;
    public readonly ref readonly EvaluationContext Context = ref context;
}

/// <summary>The element a term speaks about: attribute, sub-attributes, system member, path into the value, linked entity.</summary>
internal sealed class QTarget
{
    private readonly bool _isSimple;

    public QTarget(TermName? name, TermName[] subAttributes, SystemMember member, ValuePath? path, QTarget? linked, TypeExpression? linkedTypes)
    {
        Name = name;
        SubAttributes = subAttributes;
        Member = member;
        Path = path;
        Linked = linked;
        LinkedTypes = linkedTypes;
        _isSimple = subAttributes.Length == 0 && member == SystemMember.None && path is null && linked is null;
    }

    /// <summary>The attribute; null for a system member of the entity itself.</summary>
    public TermName? Name { get; }

    public TermName[] SubAttributes { get; }

    public SystemMember Member { get; }

    public ValuePath? Path { get; }

    /// <summary>The element of the linked entity.</summary>
    public QTarget? Linked { get; }

    public TypeExpression? LinkedTypes { get; }

    public bool IsSimple => Name is not null && _isSimple;

    public int LinkDepth => Linked is null ? 0 : 1 + Linked.LinkDepth;

    /// <summary>Whether any instance of the element fulfils the condition.</summary>
    public bool Any(EntityDocument entity, QCondition condition, in Frame frame)
    {
        if (Name is null)
        {
            return AnyOfEntity(entity, condition);
        }

        int name = Name.Id;
        if (name < 0 || !frame.Visible.Contains(name))
        {
            return false;
        }

        foreach (AttributeView view in entity.Instances(name))
        {
            if (!frame.Context.Gone(view.ExpiresAt) && (_isSimple ? condition.Test(view) : AnyOfInstance(view, 0, condition, frame)))
            {
                return true;
            }
        }

        return false;
    }

    private bool AnyOfEntity(EntityDocument entity, QCondition condition)
    {
        long instant = Member switch
        {
            SystemMember.CreatedAt => entity.CreatedAt,
            SystemMember.ModifiedAt => entity.ModifiedAt,
            _ => entity.ExpiresAt,
        };
        return instant != 0 && condition.TestInstant(instant);
    }

    private bool AnyOfInstance(in AttributeView view, int depth, QCondition condition, in Frame frame)
    {
        if (depth < SubAttributes.Length)
        {
            int name = SubAttributes[depth].Id;
            if (name < 0)
            {
                return false;
            }

            foreach (AttributeView sub in view.SubAttributes)
            {
                if (sub.Name == name && !frame.Context.Gone(sub.ExpiresAt) && AnyOfInstance(sub, depth + 1, condition, frame))
                {
                    return true;
                }
            }

            return false;
        }

        if (Linked is not null)
        {
            return AnyLinked(view, condition, frame);
        }

        if (Member != SystemMember.None)
        {
            return TestMember(view, condition);
        }

        return Path is null ? condition.Test(view) : Path.Any(view, condition);
    }

    private bool TestMember(in AttributeView view, QCondition condition)
    {
        switch (Member)
        {
            case SystemMember.CreatedAt:
                return view.CreatedAt != 0 && condition.TestInstant(view.CreatedAt);
            case SystemMember.ModifiedAt:
                return view.ModifiedAt != 0 && condition.TestInstant(view.ModifiedAt);
            case SystemMember.ExpiresAt:
                return view.ExpiresAt != 0 && condition.TestInstant(view.ExpiresAt);
            case SystemMember.ObservedAt:
                return view.ObservedAt is { } observedAt && condition.TestInstant(observedAt);
            case SystemMember.UnitCode:
                return !view.UnitCode.IsEmpty && condition.TestText(view.UnitCode);
            default:
                return view.HasDatasetId && condition.TestText(view.DatasetId);
        }
    }

    private bool AnyLinked(in AttributeView view, QCondition condition, in Frame frame)
    {
        if (view.Kind is not (AttributeKind.Relationship or AttributeKind.ListRelationship) || frame.Context.Resolve is null)
        {
            return false;
        }

        ReadOnlySpan<byte> value = view.Value;
        if (view.Shape != JsonShape.Array)
        {
            return AnyLinked(value, condition, frame.Context);
        }

        var reader = new System.Text.Json.Utf8JsonReader(value);
        reader.Read();
        while (reader.Read() && reader.TokenType != System.Text.Json.JsonTokenType.EndArray)
        {
            if (AnyLinked(JsonText.Value(value, ref reader), condition, frame.Context))
            {
                return true;
            }
        }

        return false;
    }

    private bool AnyLinked(ReadOnlySpan<byte> reference, QCondition condition, in EvaluationContext context)
    {
        ReadOnlySpan<byte> id = AttributeView.ShapeOf(reference) == JsonShape.Object ? JsonText.Member(reference, "object"u8) : reference;
        if (AttributeView.ShapeOf(id) != JsonShape.String)
        {
            return false;
        }

        return context.Resolve!(JsonText.AsString(id)) is { } linked
            && !context.Gone(linked.ExpiresAt)
            && (LinkedTypes is null || LinkedTypes.Matches(linked.Types))
            && context.Scope.TrySee(linked, out VisibleAttributes visible)
            && Linked!.Any(linked, condition, new Frame(visible, in context));
    }
}

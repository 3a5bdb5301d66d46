using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>A node of a parsed q.</summary>
internal abstract class QNode
{
    public abstract bool Matches(EntityDocument entity, in Frame frame);
}

/// <summary><c>;</c>: all hold.</summary>
internal sealed class QAll(QNode[] children) : QNode
{
    public QNode[] Children { get; } = children;

    public override bool Matches(EntityDocument entity, in Frame frame)
    {
        foreach (QNode child in Children)
        {
            if (!child.Matches(entity, frame))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary><c>|</c>: one holds.</summary>
internal sealed class QAny(QNode[] children) : QNode
{
    public QNode[] Children { get; } = children;

    public override bool Matches(EntityDocument entity, in Frame frame)
    {
        foreach (QNode child in Children)
        {
            if (child.Matches(entity, frame))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>One condition on one element; with several instances, any of them.</summary>
internal sealed class QTerm(QTarget target, QCondition condition, bool absent) : QNode
{
    public QTarget Target { get; } = target;

    public QCondition Condition { get; } = condition;

    /// <summary><c>!attr</c>: the element is not there.</summary>
    public bool Absent { get; } = absent;

    public override bool Matches(EntityDocument entity, in Frame frame) => Target.Any(entity, Condition, frame) != Absent;
}

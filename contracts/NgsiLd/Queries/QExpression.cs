using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// The query language of 4.9, parsed once. <c>;</c> binds tighter than <c>|</c>. A term holds when any instance of its
/// element fulfils it, and never when the element is not there; values compare by their JSON type, date-times as
/// instants, strings by code point, the elements of an array one by one. <c>!attr</c> asks that the element is not there.
/// </summary>
public sealed class QExpression
{
    private readonly QNode _root;
    private readonly QTerm[] _terms;

    private QExpression(string text, QNode root, QTerm[] terms)
    {
        Text = text;
        _root = root;
        _terms = terms;
        LinkDepth = terms.Max(t => t.Target.LinkDepth);
        HasUserAttribute = terms.Any(t => t.Target.Name is not null);
        Conjuncts = Analyse(root);
    }

    /// <summary>The expression as it was given.</summary>
    public string Text { get; }

    /// <summary>How many relationships the deepest term follows (<c>rel{…}</c>); 0 is none.</summary>
    public int LinkDepth { get; }

    /// <summary>Whether a term names an attribute that is not a system attribute (5.7.2.4).</summary>
    public bool HasUserAttribute { get; }

    /// <summary>
    /// Comparisons that every matching entity fulfils with at least one instance of the attribute, whatever its
    /// datasetId. An index may narrow by them; the expression still decides.
    /// </summary>
    public IReadOnlyList<QComparison> Conjuncts { get; }

    /// <summary>The IRIs of the attributes that it speaks about, of this entity and of linked ones.</summary>
    public IReadOnlyList<string> AttributeIris()
    {
        var found = new List<string>();
        foreach (QTerm term in _terms)
        {
            for (QTarget? target = term.Target; target is not null; target = target.Linked)
            {
                if (target.Name is { } name && !found.Contains(name.Iri))
                {
                    found.Add(name.Iri);
                }
            }
        }

        return found;
    }

    /// <summary>Parses the expression, percent-decoded already.</summary>
    /// <param name="q">The expression.</param>
    /// <param name="context">The @context that expands its names.</param>
    /// <param name="expandValues">Attributes, as written in q, whose string values are expanded too (4.9, expandValues).</param>
    /// <param name="parameter">The parameter's name, for messages.</param>
    /// <exception cref="NgsiLdException">BadRequestData with the position and what was expected, or TooComplexQuery.</exception>
    public static QExpression Parse(string q, JsonLdContext context, IReadOnlyCollection<string>? expandValues = null, string parameter = "q")
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(context);
        var parser = new QParser(new QueryCursor(q, parameter), context, expandValues);
        QNode root = parser.Parse();
        return new(q, root, [.. parser.Terms]);
    }

    /// <summary>Whether the entity matches, as far as the caller may see it. Allocates nothing without links.</summary>
    public bool Matches(EntityDocument entity, in EvaluationContext context) =>
        context.Scope.TrySee(entity, out VisibleAttributes visible) && Matches(entity, visible, in context);

    internal bool Matches(EntityDocument entity, VisibleAttributes visible, in EvaluationContext context) =>
        _root.Matches(entity, new Frame(visible, in context));

    private static List<QComparison> Analyse(QNode root)
    {
        var found = new List<QComparison>();
        foreach (QNode node in root is QAll all ? all.Children : [root])
        {
            if (node is QTerm { Absent: false, Target.Name: { } name } term)
            {
                QOperand? constant = term.Target.IsSimple ? term.Condition.Single : null;
                found.Add(new QComparison(name, constant is null ? ComparisonOperator.Exists : term.Condition.Operator, constant));
            }
        }

        return found;
    }
}

/// <summary>A simple comparison of an attribute's value, for an index.</summary>
public sealed class QComparison
{
    private readonly QOperand? _constant;

    internal QComparison(TermName attribute, ComparisonOperator comparison, QOperand? constant)
    {
        Attribute = attribute;
        Operator = comparison;
        _constant = constant;
    }

    /// <summary>The attribute.</summary>
    public TermName Attribute { get; }

    /// <summary>The operator; <see cref="ComparisonOperator.Exists"/> when no more is known.</summary>
    public ComparisonOperator Operator { get; }

    /// <summary>The constant, when it is a number.</summary>
    public double? Number => _constant is { Shape: JsonShape.Number } ? _constant.Number : null;

    /// <summary>The constant, when it is true or false.</summary>
    public bool? Boolean => _constant is { Shape: JsonShape.Boolean } ? _constant.Boolean : null;

    /// <summary>The constant as unescaped UTF-8, when it is a string or URI; a date-time equals other spellings of it.</summary>
    public ReadOnlyMemory<byte>? Text => _constant is { Shape: JsonShape.String } ? _constant.Text : null;

    /// <summary>The constant in microseconds since 1970 UTC, when it is a date-time.</summary>
    public long? Instant => _constant?.Instant;
}

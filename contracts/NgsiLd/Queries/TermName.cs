using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// The name of a type or attribute in an expression. Its number is looked up again while the name is not known yet, so
/// that a subscription or a policy written before the first entity finds that entity.
/// </summary>
public sealed class TermName
{
    private int _id = -1;
    private int _seen = -1;

    private TermName(string iri) => Iri = iri;

    /// <summary>The expanded name.</summary>
    public string Iri { get; }

    /// <summary>The name's <see cref="Terms"/> number; -1 while no entity has used it.</summary>
    public int Id
    {
        get
        {
            int id = Volatile.Read(ref _id);
            return id >= 0 ? id : Resolve();
        }
    }

    /// <summary>Expands a name of an expression.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: the @context gives it no meaning, or it is a keyword.</exception>
    public static TermName Expand(ReadOnlySpan<char> name, JsonLdContext context, string parameter)
    {
        string iri = context.ExpandTerm(name.ToString());
        if (iri[0] == '@')
        {
            throw NgsiLdException.BadRequest($"{parameter}: '{name}' stands for {iri} and is not an attribute or type name.", parameter);
        }

        return new TermName(iri);
    }

    /// <summary>The name with this IRI.</summary>
    public static TermName OfIri(string iri) => new(iri);

    private int Resolve()
    {
        int count = Terms.Count;
        if (Volatile.Read(ref _seen) == count || !Terms.TryGet(Iri, out int id))
        {
            Volatile.Write(ref _seen, count);
            return -1;
        }

        Volatile.Write(ref _id, id);
        return id;
    }
}

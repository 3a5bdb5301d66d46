namespace Twin.Node.Import;

/// <summary>One record of an input: a JSON object as it came, or why it cannot be read.</summary>
/// <param name="Row">Number of the record within the input, from 1.</param>
/// <param name="Json">The object's bytes; empty when refused.</param>
/// <param name="Refused">Why the record is refused; null when it is not.</param>
internal readonly record struct RawRow(long Row, ReadOnlyMemory<byte> Json, string? Refused = null);

/// <summary>One record on its way to the node: an NGSI-LD entity, or why it is refused.</summary>
/// <param name="Row">Number of the record within the input, from 1.</param>
/// <param name="Id">The entity's id, as far as it is known.</param>
/// <param name="Json">The entity; empty when refused.</param>
/// <param name="CarriesContext">Whether the entity has its own @context.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
internal readonly record struct EntityRow(long Row, string? Id, ReadOnlyMemory<byte> Json, bool CarriesContext, Refusal? Refusal = null)
{
    public static EntityRow Refuse(long row, string? id, string? member, string reason) => new(row, id, default, false, new(row, id, member, reason));
}

/// <summary>A record that was not taken: a line of the report.</summary>
/// <param name="Row">Number of the record within the input, from 1.</param>
/// <param name="Id">The entity's id, as far as it is known.</param>
/// <param name="Member">The member or column at fault, when it is one.</param>
/// <param name="Reason">What is wrong and what to do.</param>
internal sealed record Refusal(long Row, string? Id, string? Member, string Reason);

/// <summary>A record, or a part of one, that cannot become an entity.</summary>
internal sealed class RefusedException(string? member, string reason) : Exception(reason)
{
    public string? Member { get; } = member;
}

/// <summary>The input as a whole cannot be read; nothing of it is sent.</summary>
internal sealed class InputException(string message) : Exception(message);

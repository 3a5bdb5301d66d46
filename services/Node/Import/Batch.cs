using System.Net;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>Entities that go to the node in one request.</summary>
/// <param name="Rows">In the order of the input.</param>
/// <param name="CarriesContext">Whether each has its own @context.</param>
internal sealed record Batch(IReadOnlyList<EntityRow> Rows, bool CarriesContext)
{
    /// <summary>The request's body: a JSON array.</summary>
    public byte[] Body()
    {
        var body = new byte[Rows.Sum(static r => r.Json.Length + 1) + 1];
        var at = 0;
        foreach (var row in Rows)
        {
            body[at++] = at == 1 ? (byte)'[' : (byte)',';
            row.Json.Span.CopyTo(body.AsSpan(at));
            at += row.Json.Length;
        }

        body[at] = (byte)']';
        return body;
    }

    /// <summary>
    /// Upserts the batch (GS CIM 009 5.6.8), and gives what was refused. A batch that is refused whole is halved until
    /// the record at fault is alone, so that it does not take the others with it.
    /// </summary>
    public async Task<List<Refusal>> UpsertAsync(NodeClient node, CancellationToken cancellationToken)
    {
        var (status, body) = await node.PostAsync("ngsi-ld/v1/entityOperations/upsert", Body(), CarriesContext ? NodeClient.JsonLd : NodeClient.Json, cancellationToken);
        switch (status)
        {
            case HttpStatusCode.Created or HttpStatusCode.NoContent or HttpStatusCode.OK:
                return [];
            case HttpStatusCode.MultiStatus:
                return Refused(body);
            case HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity when Rows.Count > 1:
                var half = Rows.Count / 2;
                var first = await (this with { Rows = [.. Rows.Take(half)] }).UpsertAsync(node, cancellationToken);
                first.AddRange(await (this with { Rows = [.. Rows.Skip(half)] }).UpsertAsync(node, cancellationToken));
                return first;
            case HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity:
                return [new(Rows[0].Row, Rows[0].Id, null, NodeClient.Explain(status, body))];
            case HttpStatusCode.Unauthorized:
                throw new NodeException($"{node.Node} asks to sign in: give --token, or --data with the node's data directory.");
            case HttpStatusCode.Forbidden:
                throw new NodeException($"{node.Node} does not let this caller write: {NodeClient.Explain(status, body)}");
            default:
                throw new NodeException($"{node.Node} answered {(int)status}: {NodeClient.Explain(status, body)}");
        }
    }

    /// <summary>The errors of a BatchOperationResult (5.2.16), with the rows of the entities that they name.</summary>
    private List<Refusal> Refused(byte[] body)
    {
        using var result = JsonDocument.Parse(body);
        var refused = new List<Refusal>();
        if (!result.RootElement.TryGetProperty("errors", out var errors))
        {
            return refused;
        }

        foreach (var error in errors.EnumerateArray())
        {
            var id = error.TryGetProperty("entityId", out var entity) ? entity.GetString() : null;
            var problem = error.TryGetProperty("error", out var given) ? given : default;
            var row = Rows.FirstOrDefault(r => r.Id == id);
            refused.Add(new(
                row.Row, id, problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("member", out var member) ? member.GetString() : null,
                NodeClient.Explain(problem) ?? "The node refused it without a reason."));
        }

        return refused;
    }
}

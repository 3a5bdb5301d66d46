using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;
using Contract = Twin.Contracts.Registry.V1;

namespace Twin.EntityRegistry.Grpc;

/// <summary>Takes the latest values that the history has, as changes like any other: durable first, with their events.</summary>
internal sealed class LatestValues(TenantDirectory tenants, EntityStore store, EntityWriter writer)
{
    private const int MostEntities = 10_000;

    private static readonly ParseOptions Fragment = new() { HasExpandedNames = true, IsFragment = true };

    /// <summary>Applies values, all of them or none.</summary>
    /// <returns>Ids of the entities that came into being.</returns>
    /// <exception cref="NgsiLdException">BadRequestData when a message makes no sense.</exception>
    public async Task<List<string>> ApplyAsync(Contract.ApplyLatestRequest request, CancellationToken cancel)
    {
        if (request.Entities.Count > MostEntities)
        {
            throw NgsiLdException.BadRequest($"At most {MostEntities} entities come at once.", "entities");
        }

        List<(EntityNode Node, bool Create)> entities = [.. request.Entities.Select(one => (Parse(one), one.Create))];
        Tenant tenant = await tenants.GetOrCreateAsync(request.Tenant, store, cancel);
        return await writer.WriteAsync(
            tenant,
            scope =>
            {
                var created = new List<string>();
                foreach ((EntityNode node, bool create) in entities)
                {
                    if (Apply(scope, node, create))
                    {
                        created.Add(node.Id);
                    }
                }

                return created;
            },
            cancel);
    }

    /// <summary>Deletes entities.</summary>
    public Task WithdrawAsync(Contract.WithdrawRequest request, CancellationToken cancel)
    {
        string[] ids = [.. request.Ids];
        return writer.WriteAsync(
            tenants.Get(request.Tenant),
            scope =>
            {
                foreach (string id in ids)
                {
                    scope.Delete(id);
                }

                return true;
            },
            cancel);
    }

    private static EntityNode Parse(Contract.LatestEntity entity)
    {
        EntityNode node = EntityParser.ParseEntity(entity.Json.Memory, JsonLdContext.Core, Fragment);
        return node.Id == entity.Id ? node : throw NgsiLdException.BadRequest("The id is not that of the JSON.", "id");
    }

    /// <returns>Whether the entity came into being.</returns>
    private static bool Apply(WriteScope scope, EntityNode node, bool create)
    {
        if (EntityChanges.Find(scope, node.Id) is not { } current)
        {
            if (!create || node.Types.Count == 0)
            {
                return false;
            }

            scope.Put(EntityOperations.Create(node, scope.Now));
            return true;
        }

        // What an entity is, its owner says.
        node.Types = [];
        node.Scopes = null;
        node.Attributes.RemoveAll(attribute => IsOld(current, attribute));
        if (node.Attributes.Count > 0)
        {
            EntityChanges.Put(scope, EntityOperations.Append(current, node, overwrite: true, scope.Now));
        }

        return false;
    }

    private static bool IsOld(EntityDocument current, AttributeNode attribute)
    {
        foreach (AttributeView there in current.Instances(attribute.Name))
        {
            if (System.Text.Encoding.UTF8.GetString(there.DatasetId) == (attribute.DatasetId ?? ""))
            {
                return there.ObservedAt is { } known && (attribute.ObservedAt is not { } observed || observed <= known);
            }
        }

        return false;
    }
}

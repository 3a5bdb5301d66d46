using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>
/// Batch provision: GS CIM 009 5.6.7 to 5.6.10 and 5.6.20 over 6.14 to 6.17 and 6.31. What a batch changes is committed
/// together; what it refuses is reported entity by entity.
/// </summary>
internal sealed class BatchEndpoints(TenantDirectory tenants, EntityStore store, EntityWriter writer, BatchBody batches)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder writes = api.MapGroup("/entityOperations");
        writes.RequireAuthorization(TwinPolicies.WriteEntities).WithTags("Batches");
        writes.MapPost("/create", NgsiLdProblems.Guard(CreateAsync))
            .Operation("createBatch", "Batch Entity Creation", "5.6.7, 6.14.3.1").Takes("Entities").Reads("local")
            .Gives(201, "All created", "CreatedIds").InPart("BatchResult");
        writes.MapPost("/upsert", NgsiLdProblems.Guard(UpsertAsync))
            .Operation("upsertBatch", "Batch Entity Creation or Update", "5.6.8, 6.15.3.1").Takes("Entities").Reads("options.upsert", "local")
            .Gives(201, "Done; these were created", "CreatedIds").Gives(204, "Done; none was created").InPart("BatchResult");
        writes.MapPost("/update", NgsiLdProblems.Guard(UpdateAsync))
            .Operation("updateBatch", "Batch Entity Update", "5.6.9, 6.16.3.1").Takes("EntityFragments").Reads("options.append", "local")
            .Changes("All updated").InPart("BatchResult");
        writes.MapPost("/merge", NgsiLdProblems.Guard(MergeAsync))
            .Operation("mergeBatch", "Batch Entity Merge", "5.6.20, 6.31.3.1").Takes("EntityFragments").Reads("options.merge", "local")
            .Changes("All merged").InPart("BatchResult");
        writes.MapPost("/delete", NgsiLdProblems.Guard(DeleteAsync))
            .Operation("deleteBatch", "Batch Entity Delete", "5.6.10, 6.17.3.1").Takes("EntityIds").Reads("local")
            .Changes("All deleted").InPart("BatchResult");
    }

    /// <summary>5.6.7 Batch Entity Creation.</summary>
    private Task CreateAsync(HttpContext http) => RunAsync(http, ["local"], ParseOptions.Entity, creates: true, (scope, entity, result) =>
    {
        if (EntityChanges.Find(scope, entity.Id) is not null)
        {
            throw new NgsiLdException(NgsiLdErrorType.AlreadyExists, $"There is an entity {entity.Id} already.");
        }

        scope.Put(EntityOperations.Create(entity, scope.Now));
        result.Created.Add(entity.Id);
    });

    /// <summary>5.6.8 Batch Entity Upsert: creates what is new; replaces, or with options=update updates, what is there.</summary>
    private Task UpsertAsync(HttpContext http)
    {
        bool update = EntityOptions.Has(http, "update");
        return RunAsync(http, ["options", "local"], ParseOptions.Entity, creates: true, (scope, entity, result) =>
        {
            if (EntityChanges.Find(scope, entity.Id) is not { } current)
            {
                scope.Put(EntityOperations.Create(entity, scope.Now));
                result.Created.Add(entity.Id);
            }
            else if (update)
            {
                EntityChanges.Put(scope, EntityOperations.Append(current, entity, overwrite: true, scope.Now));
            }
            else
            {
                scope.Put(EntityOperations.Replace(current, entity, scope.Now));
            }
        });
    }

    /// <summary>5.6.9 Batch Entity Update: appends and, without options=noOverwrite, replaces attributes of what is there.</summary>
    private Task UpdateAsync(HttpContext http)
    {
        bool overwrite = !EntityOptions.Has(http, "noOverwrite");
        return RunAsync(http, ["options", "local"], ParseOptions.Fragment, creates: false, (scope, entity, _) =>
        {
            EntityUpdate update = EntityOperations.Append(EntityChanges.Require(scope, entity.Id, null), entity, overwrite, scope.Now);
            EntityChanges.Put(scope, update);
            if (update.NotUpdated.Count > 0)
            {
                string names = string.Join(", ", update.NotUpdated.Select(n => NgsiLd.Contexts.Terms.Iri(n.Name)));
                throw NgsiLdException.BadRequest($"These attributes are there already and noOverwrite keeps them; the others were added: {names}.");
            }
        });
    }

    /// <summary>5.6.20 Batch Entity Merge.</summary>
    private Task MergeAsync(HttpContext http)
    {
        bool simplified = EntityOptions.Has(http, "simplified") || EntityOptions.Has(http, "keyValues");
        return RunAsync(http, ["options", "local"], simplified ? ParseOptions.SimplifiedPatch : ParseOptions.Patch, creates: false, (scope, entity, _) =>
            EntityChanges.Put(scope, EntityOperations.Merge(EntityChanges.Require(scope, entity.Id, null), entity, scope.Now, MergeOptions.None)));
    }

    /// <summary>5.6.10 Batch Entity Delete: the body is an array of ids.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["local"]);
        using RequestBody body = await RequestBody.ReadAsync(http);
        List<string> ids = BatchBody.ReadIds(body.Memory.Span);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        BatchResult result = await writer.WriteAsync(
            tenant,
            scope =>
            {
                var result = new BatchResult();
                foreach (string id in ids)
                {
                    if (EntityChanges.Find(scope, id) is null)
                    {
                        result.Refuse(id, NgsiLdException.NotFound($"There is no entity {id}."));
                    }
                    else
                    {
                        scope.Delete(id);
                        result.Success.Add(id);
                    }
                }

                return result;
            },
            http.RequestAborted);
        await result.AnswerAsync(http);
    }

    private async Task RunAsync(
        HttpContext http,
        string[] parameters,
        ParseOptions options,
        bool creates,
        Action<WriteScope, EntityNode, BatchResult> change)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, parameters);
        using RequestBody body = await RequestBody.ReadAsync(http);
        List<ParsedEntity> items = await batches.ReadAsync(http, body.Memory, options);
        string? name = NgsiLdRequest.TenantName(http);
        Tenant tenant = creates ? await tenants.GetOrCreateAsync(name, store, http.RequestAborted) : tenants.Get(name);
        BatchResult result = await writer.WriteAsync(tenant, scope => Apply(scope, items, change), http.RequestAborted);
        await result.AnswerAsync(http);
    }

    private static BatchResult Apply(WriteScope scope, List<ParsedEntity> items, Action<WriteScope, EntityNode, BatchResult> change)
    {
        var result = new BatchResult();
        foreach (ParsedEntity item in items)
        {
            if (item.Entity is null)
            {
                result.Refuse(item.RefusedId ?? "", item.Error!);
                continue;
            }

            try
            {
                change(scope, item.Entity, result);
                result.Success.Add(item.Entity.Id);
            }
            catch (NgsiLdException refusal)
            {
                result.Refuse(item.Entity.Id, refusal);
            }
        }

        return result;
    }
}

using System.Buffers;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using RegistryClient = Twin.Contracts.Registry.V1.EntityRegistry.EntityRegistryClient;

namespace Twin.Telemetry.Forecasts;

/// <summary>The entity registry, which holds the models, does not answer.</summary>
internal sealed class ModelStoreException(string reason) : Exception($"The entity registry, which holds the models, does not answer: {reason}");

/// <summary>
/// Keeps models as entities of the entity registry, of the type MLModel of the Smart Data Models: who deletes the entity
/// deletes the model.
/// </summary>
internal sealed class ModelStore(RegistryClient registry)
{
    private const string Vocabulary = "https://smartdatamodels.org/dataModel.MachineLearning/";
    private const string Type = Vocabulary + "MLModel";
    private static readonly int Card = Terms.Intern(JsonLdContext.DefaultVocabulary + "modelCard");

    /// <summary>Keeps a model.</summary>
    public async Task AddAsync(string? tenant, ModelCard card, CancellationToken cancel)
    {
        var request = new ApplyLatestRequest { Tenant = tenant ?? "" };
        request.Entities.Add(new LatestEntity { Id = card.Id, Json = ByteString.CopyFrom(Entity(card)), Create = true });
        await CallAsync(() => registry.ApplyLatestAsync(request, cancellationToken: cancel).ResponseAsync, cancel);
    }

    /// <summary>The model; null when there is none, or none that the caller may see.</summary>
    public async Task<ModelCard?> FindAsync(string? tenant, string id, EvaluationContext sees, CancellationToken cancel)
    {
        try
        {
            var entity = await CallAsync(() => registry.RetrieveEntityAsync(new RetrieveEntityRequest { Tenant = tenant ?? "", Id = id }, cancellationToken: cancel).ResponseAsync, cancel);
            return Read(entity, sees);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return null;
        }
    }

    /// <summary>The models that the caller may see, in the order in which they came into being.</summary>
    public async Task<List<ModelCard>> ListAsync(string? tenant, int offset, int limit, EvaluationContext sees, CancellationToken cancel)
    {
        var found = new List<ModelCard>();
        try
        {
            using var call = registry.QueryEntities(new QueryEntitiesRequest { Tenant = tenant ?? "", Type = Type }, cancellationToken: cancel);
            while (found.Count < limit && await call.ResponseStream.MoveNext(cancel))
            {
                if (Read(call.ResponseStream.Current, sees) is { } card && offset-- <= 0)
                {
                    found.Add(card);
                }
            }

            return found;
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound)
        {
            return found;
        }
        catch (RpcException fault)
        {
            cancel.ThrowIfCancellationRequested();
            throw new ModelStoreException(fault.Status.Detail);
        }
    }

    /// <summary>Deletes a model.</summary>
    public async Task DeleteAsync(string? tenant, string id, CancellationToken cancel)
    {
        var request = new WithdrawRequest { Tenant = tenant ?? "" };
        request.Ids.Add(id);
        await CallAsync(() => registry.WithdrawAsync(request, cancellationToken: cancel).ResponseAsync, cancel);
    }

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await call();
        }
        catch (RpcException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        catch (RpcException fault) when (fault.StatusCode is not (StatusCode.NotFound or StatusCode.InvalidArgument))
        {
            throw new ModelStoreException(fault.Status.Detail);
        }
    }

    private static ModelCard? Read(Entity entity, in EvaluationContext sees)
    {
        var document = EntityDocument.Pack(EntityParser.ParseEntity(entity.Json.Memory, JsonLdContext.Core, ParseOptions.Stored));
        return entity.Types_.Contains(Type) && sees.Scope.TrySee(document, out var visible) && visible.Contains(Card) && document.TryFind(Card, out var view)
            && ModelCard.Read(view.Value.ToArray()) is { } card
            ? card with { Id = entity.Id }
            : null;
    }

    private static byte[] Entity(ModelCard card)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body, NgsiLdResponse.JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, card.Id);
            json.WriteString("type"u8, Type);
            Property(json, "https://smartdatamodels.org/name", writer => writer.WriteStringValue(card.Name));
            Property(json, Vocabulary + "algorithm", writer => writer.WriteStringValue(card.Method));
            Property(json, Vocabulary + "mlFramework", static writer => writer.WriteStringValue("Twin.Federation"));
            Property(json, Vocabulary + "version", static writer => writer.WriteStringValue("1"));
            Property(json, Vocabulary + "inputAttributes", writer => Array(writer, card.Attribute));
            Property(json, Vocabulary + "outputAttributes", writer => Array(writer, card.Attribute));
            json.WriteStartObject(JsonLdContext.DefaultVocabulary + "trainedOn");
            json.WriteString("type"u8, "Relationship");
            json.WriteString("object"u8, card.Entity);
            json.WriteEndObject();
            Property(json, JsonLdContext.DefaultVocabulary + "validFrom", writer => Time(writer, card.TrainedUntil));
            Property(json, JsonLdContext.DefaultVocabulary + "validUntil", writer => Time(writer, card.ValidUntil));
            Property(json, JsonLdContext.DefaultVocabulary + "retrainAfter", writer => Time(writer, card.RetrainAfter));
            Property(json, JsonLdContext.DefaultVocabulary + "modelCard", card.Write);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();

        static void Array(Utf8JsonWriter writer, string text)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(text);
            writer.WriteEndArray();
        }

        // A typed value (GS CIM 009 4.6.3), so that q compares it as a time.
        static void Time(Utf8JsonWriter writer, string text)
        {
            writer.WriteStartObject();
            writer.WriteString("@type"u8, "DateTime");
            writer.WriteString("@value"u8, text);
            writer.WriteEndObject();
        }
    }

    private static void Property(Utf8JsonWriter json, string name, Action<Utf8JsonWriter> value)
    {
        json.WriteStartObject(name);
        json.WriteString("type"u8, "Property");
        json.WritePropertyName("value"u8);
        value(json);
        json.WriteEndObject();
    }
}

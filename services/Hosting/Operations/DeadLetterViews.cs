using System.Text.Json.Serialization;
using Twin.Contracts.Operations.V1;

namespace Twin.Hosting.Operations;

/// <summary>A page of dead letters.</summary>
/// <param name="Count">How many match, on this page and the others.</param>
/// <param name="Next">The value of <c>after</c> for the next page; null on the last one.</param>
/// <param name="Letters">Oldest first, without payloads.</param>
internal sealed record DeadLetterPage(long Count, long? Next, IReadOnlyList<DeadLetterView> Letters);

/// <summary>An event that a consumer could not handle.</summary>
internal sealed record DeadLetterView(
    long Id, string Consumer, string Topic, int Attempts, string Error, DateTimeOffset FailedAt, EventView Event)
{
    public static DeadLetterView Of(DeadLetter letter, bool withData) => new(
        letter.Id,
        letter.Consumer,
        letter.Topic,
        letter.Attempts,
        letter.Error,
        letter.FailedAt.ToDateTimeOffset(),
        new EventView(
            letter.Event.Id,
            letter.Event.Source,
            letter.Event.Type,
            letter.Event.Subject,
            letter.Event.Time.ToDateTimeOffset(),
            letter.Event.Tenant.Length == 0 ? null : letter.Event.Tenant,
            letter.Event.DataContentType,
            withData ? letter.Event.Data.ToByteArray() : null));
}

/// <summary>A CloudEvents 1.0 event; the payload in base64, on a single letter only.</summary>
internal sealed record EventView(
    string Id,
    string Source,
    string Type,
    string Subject,
    DateTimeOffset Time,
    string? Tenant,
    [property: JsonPropertyName("datacontenttype")] string DataContentType,
    [property: JsonPropertyName("data_base64")] byte[]? Data);

/// <summary>What came of replaying one letter.</summary>
/// <param name="Succeeded">The event has taken effect, and the letter is gone.</param>
/// <param name="Error">Why the consumer failed again.</param>
internal sealed record Replayed(bool Succeeded, string? Error);

/// <summary>What came of replaying many.</summary>
internal sealed record ReplayedMany(int Succeeded, int Failed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(DeadLetterView))]
[JsonSerializable(typeof(Replayed))]
[JsonSerializable(typeof(ReplayedMany))]
internal sealed partial class OperationsJson : JsonSerializerContext;

using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.Telemetry.Ingest.Entities;

/// <summary>Where the records of a body have their @context (GS CIM 009 6.3.5).</summary>
internal enum ContextPlace : byte
{
    /// <summary>In the Link header, or it is the core one: application/json.</summary>
    Link,

    /// <summary>In each record: application/ld+json.</summary>
    Record,

    /// <summary>In a record that has one, else as in application/json: lines.</summary>
    Either,
}

/// <summary>The @contexts of the records of a body.</summary>
/// <param name="resolver">Finds them.</param>
/// <param name="request">Whose hosted ones there are.</param>
/// <param name="given">That of the Link header, or the core one.</param>
/// <param name="place">Where they are.</param>
internal sealed class RecordContexts(ContextResolver resolver, HttpRequest request, JsonLdContext given, ContextPlace place)
{
    private byte[] asked = [];
    private JsonLdContext? own;
    private RowFault? fault;

    /// <summary>Whether one has to be found before the body goes on.</summary>
    public bool Waits { get; private set; }

    /// <summary>The @context of a record, and whether it is its own; not to be asked while it <see cref="Waits"/>.</summary>
    public (JsonLdContext Context, bool IsOwn, RowFault? Fault) Of(ReadOnlySpan<byte> json) =>
        (json.IsEmpty, place) switch
        {
            (true, ContextPlace.Record) => (given, false, new RowFault("@context", "an entity of application/ld+json has an @context.")),
            (true, _) => (given, false, null),
            (false, ContextPlace.Link) => (given, false, new RowFault("@context", "an entity of application/json has its @context in a Link header, not in itself.")),
            _ => fault is null ? (own!, true, null) : (given, false, fault),
        };

    /// <summary>Looks whether the @context of a record is known.</summary>
    public void Ask(ReadOnlySpan<byte> json)
    {
        if (!json.IsEmpty && place != ContextPlace.Link && !json.SequenceEqual(asked))
        {
            (asked, Waits) = (json.ToArray(), true);
        }
    }

    /// <summary>Finds the one that is asked for.</summary>
    /// <exception cref="NgsiLdException">LdContextNotAvailable: it may be so later.</exception>
    public async ValueTask FindAsync(CancellationToken cancel)
    {
        (own, fault) = (null, null);
        try
        {
            own = await resolver.FromJsonAsync(request, asked, cancel);
        }
        catch (NgsiLdException refused) when (refused.ErrorType != NgsiLdErrorType.LdContextNotAvailable)
        {
            fault = new RowFault("@context", refused.Message);
        }

        Waits = false;
    }
}

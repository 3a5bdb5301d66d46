using Google.Protobuf;
using Grpc.Core;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd;

namespace Twin.Telemetry.Federation;

/// <summary>What one source told when it was asked.</summary>
/// <param name="Registration">The registration that it was asked under.</param>
/// <param name="Mode">How its entities relate to ours.</param>
/// <param name="Attributes">The attributes that it is registered for, as full IRIs; null is all of them.</param>
/// <param name="Body">Its answer; empty when it has nothing, or did not answer.</param>
internal sealed record Told(string Registration, SourceAnswer.Types.Mode Mode, HashSet<string>? Attributes, ReadOnlyMemory<byte> Body)
{
    /// <summary>Content-Range, when the answer is a part.</summary>
    public string? ContentRange { get; init; }

    /// <summary>Whether there is a next page.</summary>
    public bool HasNext { get; init; }

    /// <summary>Whether it did not understand what it was asked.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether its answer is missing.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether nobody else may tell of what it tells (4.3.6.3, 4.3.6.4).</summary>
    public bool IsClaim => Mode is SourceAnswer.Types.Mode.Exclusive or SourceAnswer.Types.Mode.Redirect;

    /// <summary>Whether it only fills in what nobody else tells (4.3.6.2).</summary>
    public bool IsAuxiliary => Mode == SourceAnswer.Types.Mode.Auxiliary;
}

/// <summary>What is asked.</summary>
/// <param name="PathAndQuery">Below a source's <c>/ngsi-ld/v1</c>.</param>
/// <param name="Body">A Query for a POST; null is a GET.</param>
/// <param name="MayBeRefused">Whether not every source understands it, so that a refusal is no failure.</param>
internal sealed record SourceText(string PathAndQuery, byte[]? Body = null, bool MayBeRefused = false);

/// <summary>All that sources are asked for one answer, within one budget of time.</summary>
internal sealed class SourceConversation(ContextSources sources, AskSourcesRequest common, TimeProvider clock, CancellationToken cancel)
{
    private readonly long started = clock.GetTimestamp();
    private readonly HashSet<string> warnings = new(StringComparer.Ordinal);

    /// <summary>Sources whose answer is missing (NGSILD-Warning, 6.3.17), each once.</summary>
    public IReadOnlyCollection<string> Warnings => warnings;

    /// <summary>The registrations under which sources were asked.</summary>
    public HashSet<string> Registrations { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether lists of entities are asked for, and not one by its id.</summary>
    public bool IsQuery { get; } = common.Operation == RegistrationOperations.QueryTemporal;

    /// <summary>Ends what is under way when the caller goes away.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Asks all sources that may hold some of what is asked for, or one of them.</summary>
    /// <param name="text">What they are asked.</param>
    /// <param name="registration">The registration of the one; null is all.</param>
    /// <param name="ids">The entities that are asked for; null is those that the query says.</param>
    public async Task<List<Told>> AskAsync(SourceText text, string? registration = null, IReadOnlyCollection<string>? ids = null)
    {
        var request = common.Clone();
        request.PathAndQuery = text.PathAndQuery;
        request.Body = text.Body is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(text.Body);
        request.MayBeRefused = text.MayBeRefused;
        request.SpentMilliseconds = (int)Math.Min(int.MaxValue, clock.GetElapsedTime(started).TotalMilliseconds);
        if (registration is not null)
        {
            request.Registrations.Add(registration);
        }

        if (ids is not null)
        {
            request.Ids.Clear();
            request.Ids.AddRange(ids);
            request.IdPattern = "";
        }

        var told = new List<Told>();
        var pieces = new List<SourceAnswer>();
        try
        {
            await foreach (var piece in sources.AskAsync(request, cancel))
            {
                if (pieces is [var first, ..] && first.Registration != piece.Registration)
                {
                    told.Add(Whole(pieces));
                    pieces.Clear();
                }

                pieces.Add(piece);
            }
        }
        catch (RpcException fault) when (!cancel.IsCancellationRequested && fault.StatusCode is not (StatusCode.NotFound or StatusCode.InvalidArgument))
        {
            Warn("199 - \"the entity registry does not answer: context sources were not asked\"");
            return [];
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound)
        {
            // The registry has no such tenant, and so no sources of it.
            return [];
        }
        catch (RpcException fault) when (!cancel.IsCancellationRequested)
        {
            throw NgsiLdException.BadRequest(fault.Status.Detail);
        }
        catch (NgsiLdException fault) when (fault.ErrorType == NgsiLdErrorType.NonexistentTenant)
        {
            return [];
        }

        if (pieces.Count > 0)
        {
            told.Add(Whole(pieces));
        }

        return told;
    }

    /// <summary>Takes a warning for the answer.</summary>
    /// <param name="code">110, 111, 199 or 299.</param>
    /// <param name="registration">Whose answer is at fault.</param>
    /// <param name="what">What it does.</param>
    public void Warn(int code, string registration, string what) =>
        Warn($"{code} - \"{string.Concat(registration.Select(static letter => letter is > ' ' and < (char)127 and not '"' and not '\\' ? letter : '\''))} {what}\"");

    private void Warn(string warning)
    {
        lock (warnings)
        {
            warnings.Add(warning);
        }
    }

    private Told Whole(List<SourceAnswer> pieces)
    {
        var first = pieces[0];
        lock (warnings)
        {
            Registrations.Add(first.Registration);
        }

        if (first.Warning.Length > 0)
        {
            Warn(first.Warning);
        }

        var body = pieces.Count == 1 ? first.Piece.Memory : Joined(pieces);
        return new Told(first.Registration, first.Mode, first.Attributes.Count == 0 ? null : [.. first.Attributes], body)
        {
            ContentRange = first.ContentRange.Length == 0 ? null : first.ContentRange,
            HasNext = first.HasNext,
            IsRefused = first.Refused,
            IsSilent = first.Warning.Length > 0,
        };
    }

    private static byte[] Joined(List<SourceAnswer> pieces)
    {
        var whole = new byte[pieces.Sum(static piece => piece.Piece.Length)];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Piece.Span.CopyTo(whole.AsSpan(at));
            at += piece.Piece.Length;
        }

        return whole;
    }
}

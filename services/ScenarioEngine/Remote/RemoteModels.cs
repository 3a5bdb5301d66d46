using System.Net;
using System.Text.Json;

namespace Twin.ScenarioEngine.Remote;

/// <summary>
/// Any process of an OGC API Processes server (Part 1, 18-062r2), at a peer city or a provider, as a model: described,
/// executed, waited for, and checked against its card within a deadline. A job that nobody waits for any more is dismissed.
/// </summary>
public sealed class RemoteModels(IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>Name of the guarded client.</summary>
    public const string ClientName = "remote-models";

    /// <summary>Runs a process.</summary>
    /// <param name="card">What is expected of it.</param>
    /// <param name="inputs">Every input of the card, in its unit.</param>
    /// <param name="terms">Deadline, mode, agreement, bounds.</param>
    /// <param name="cancellationToken">Dismisses the job and ends the wait.</param>
    /// <exception cref="ModelInputException">An input is missing or does not fit; nobody was asked.</exception>
    /// <exception cref="RemoteException">No result, or none that can be trusted; with the report.</exception>
    public async Task<RemoteResult> RunAsync(RemoteCard card, IReadOnlyList<RemoteNumbers> inputs, RemoteTerms terms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(terms);
        card.Check();
        terms.Check();
        var run = new RemoteRun(card, RemoteDocuments.Checked(card, inputs), terms, new RemoteCalls(clients.CreateClient(ClientName), terms, time), time);
        using var deadline = new CancellationTokenSource(terms.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var (outputs, agreed) = await run.ExecuteAsync(either.Token);
            return new RemoteResult(outputs, run.Report(null, agreed));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            var waited = run.WaitedFor;
            await run.DismissAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new RemoteException(RemoteFailure.TimedOut, $"no result within {terms.Deadline.TotalSeconds} s; waited for {waited}", run.Report(waited, []));
        }
        catch (RemoteFaultException fault)
        {
            await run.DismissAsync();
            throw new RemoteException(fault.Failure, fault.Message, run.Report(null, []));
        }
    }
}

/// <summary>One run of one process.</summary>
internal sealed class RemoteRun(RemoteCard card, IReadOnlyList<RemoteNumbers> inputs, RemoteTerms terms, RemoteCalls calls, TimeProvider time)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly long _began = time.GetTimestamp();
    private string? _version;
    private string? _lastStatus;
    private Uri? _job;
    private bool _jobEnded;

    /// <summary>What is being waited for.</summary>
    public string WaitedFor => _lastStatus is null ? calls.Doing ?? "nothing" : $"{calls.Doing}; the job said {_lastStatus}";

    public async Task<(IReadOnlyList<RemoteNumbers> Outputs, IReadOnlyList<string> UnitsByAgreement)> ExecuteAsync(CancellationToken cancellationToken)
    {
        var address = new Uri($"{card.Server.AbsoluteUri.TrimEnd('/')}/processes/{Uri.EscapeDataString(card.Process)}");
        var described = Good(await calls.AskAsync("description", HttpMethod.Get, address, null, null, cancellationToken), "description");
        var description = RemoteDescription.Of(card, described.Json("the description"), terms.Mode);
        _version = description.Version;
        var answer = Good(
            await calls.AskAsync("execution", HttpMethod.Post, new Uri(address + "/execution"), RemoteDocuments.Request(card, description, inputs), terms.Mode == RemoteMode.Job ? "respond-async" : null, cancellationToken),
            "execution");
        if (answer.Status == HttpStatusCode.Created)
        {
            _job = JobAddress(answer, address);
            await WaitAsync(_job, answer, cancellationToken);
            answer = Good(await calls.AskAsync("results", HttpMethod.Get, new Uri(_job + "/results"), null, null, cancellationToken), "results");
        }
        else if (answer.Status != HttpStatusCode.OK)
        {
            throw new RemoteFaultException(RemoteFailure.Failed, $"the execution answered {(int)answer.Status}, neither 200 nor 201");
        }

        return RemoteDocuments.Results(card, description, answer.Json("the document of results"));
    }

    /// <summary>Dismisses the job, when there is one that may still run. What goes wrong here is written down, no more.</summary>
    public async Task DismissAsync()
    {
        if (_job is null || _jobEnded)
        {
            return;
        }

        using var patience = new CancellationTokenSource(terms.DismissDeadline, time);
        try
        {
            await calls.AskAsync("dismissal", HttpMethod.Delete, _job, null, null, patience.Token);
        }
        catch (Exception fault) when (fault is RemoteFaultException or OperationCanceledException)
        {
            // The step says what happened.
        }
    }

    public RemoteReport Report(string? waitedFor, IReadOnlyList<string> agreed) => new()
    {
        Model = card.Id,
        Server = card.Server,
        Process = card.Process,
        Version = _version,
        Agreement = terms.Agreement,
        Job = _job,
        Started = _started,
        Milliseconds = Math.Round(time.GetElapsedTime(_began).TotalMilliseconds, 1),
        DeadlineMilliseconds = terms.Deadline.TotalMilliseconds,
        WaitedFor = waitedFor,
        UnitsByAgreement = agreed,
        Steps = [.. calls.Steps],
    };

    private async Task WaitAsync(Uri job, RemoteAnswer created, CancellationToken cancellationToken)
    {
        var pause = terms.FirstPause;
        var wanted = created.RetryAfter;
        while (true)
        {
            await calls.WaitAsync(calls.Pause(wanted ?? pause), $"the job {job}", cancellationToken);
            var answer = Good(await calls.AskAsync("status", HttpMethod.Get, job, null, null, cancellationToken), "status");
            if (IsDone(answer.Json("the status of the job")))
            {
                return;
            }

            wanted = answer.RetryAfter;
            pause = calls.Pause(pause * 1.5);
        }
    }

    private bool IsDone(JsonElement status)
    {
        var word = RemoteDescription.Text(status, "status");
        var message = RemoteDescription.Text(status, "message") is { Length: > 0 } said ? $": {(said.Length <= 300 ? said : said[..300] + "…")}" : "";
        var progress = RemoteDescription.Member(status, "progress") is { ValueKind: JsonValueKind.Number } part ? $" ({part.GetRawText()} %)" : "";
        _lastStatus = $"'{word}'{progress}{message}";
        switch (word)
        {
            case "accepted" or "running":
                return false;
            case "successful":
                _jobEnded = true;
                return true;
            case "failed" or "dismissed":
                _jobEnded = true;
                throw new RemoteFaultException(RemoteFailure.Failed, $"the job {word}{message}");
            default:
                throw new RemoteFaultException(RemoteFailure.Refused, $"the job has the status '{word}', which the standard does not know");
        }
    }

    private static Uri JobAddress(RemoteAnswer answer, Uri asked)
    {
        var location = answer.Location ?? throw new RemoteFaultException(RemoteFailure.Refused, "a job was made, and no Location says where");
        var job = new Uri(asked, location);
        return Uri.Compare(job, asked, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0 && job.UserInfo.Length == 0
            ? new Uri(job.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            : throw new RemoteFaultException(RemoteFailure.NotCalled, $"the job would be at {job.GetLeftPart(UriPartial.Authority)}, not at the server that was asked");
    }

    private static RemoteAnswer Good(RemoteAnswer answer, string phase) => (int)answer.Status is >= 200 and < 300
        ? answer
        : throw new RemoteFaultException(RemoteFailure.Failed, $"the {phase} answered {RemoteCalls.Problem(answer)}");
}

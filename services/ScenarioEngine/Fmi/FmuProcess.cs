using System.Diagnostics;
using System.Globalization;
using Twin.ScenarioEngine.Fmi.Native;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>
/// One instance of an FMU in a process of its own, without our environment, with bounded memory, and with a deadline for
/// everything it is asked. Not for several callers at a time.
/// </summary>
internal sealed class FmuProcess : IAsyncDisposable
{
    private const int MostErrorLines = 5;
    private static readonly string[] Kept = ["PATH", "DOTNET_ROOT", "TZ"];

    private readonly FmuArchive _fmu;
    private readonly string _name;
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Queue<string> _said = new();
    private readonly Task _listening;
    private bool _usable = true;

    private FmuProcess(FmuArchive fmu, string name, Process process, TimeProvider time)
    {
        (_fmu, _name, _process, _time) = (fmu, name, process, time);
        _listening = ListenAsync();
    }

    /// <summary>Id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the process, loads the library and makes the instance.</summary>
    /// <exception cref="FmuException">It did not come about.</exception>
    public static async Task<FmuProcess> StartAsync(FmuArchive fmu, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "twin"), [FmuHost.Verb])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = fmu.Folder,
        };
        // Foreign code sees no connection string and no token of ours.
        var kept = Kept.Select(key => (key, start.Environment.TryGetValue(key, out var value) ? value : null)).ToList();
        start.Environment.Clear();
        foreach (var (key, value) in kept.Where(pair => pair.Item2 is not null))
        {
            start.Environment[key] = value;
        }

        start.Environment["HOME"] = start.Environment["TMPDIR"] = fmu.Folder;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DOTNET_gcServer"] = start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = new FmuProcess(fmu, name, Process.Start(start) ?? throw new InvalidOperationException("The process of the FMU could not be started."), time);
        try
        {
            var description = fmu.Description;
            await process.AskAsync(
                "loading",
                null,
                fmu.Bounds.StartDeadline,
                FmuRequest.Open,
                frame => FmuProtocol.Write(frame, new FmuOpening(description.FmiVersion, fmu.Library, description.ModelIdentifier, description.Token, name, fmu.Resources, description.HasEventMode, fmu.Bounds.MostMemoryBytes)),
                cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets parameters and first inputs, and initialises.</summary>
    /// <returns>What was read at the start time.</returns>
    public Task<FmuValue[]> InitialiseAsync(double start, double stop, IReadOnlyList<FmuSetting> parameters, IReadOnlyList<FmuSetting> inputs, IReadOnlyList<FmuHandle> read, CancellationToken cancellationToken) => AskAsync(
        "initialisation",
        start,
        _fmu.Bounds.StartDeadline,
        FmuRequest.Initialise,
        frame =>
        {
            frame.Write(start);
            frame.Write(stop);
            FmuProtocol.Write(frame, parameters);
            FmuProtocol.Write(frame, inputs);
            FmuProtocol.Write(frame, read);
        },
        cancellationToken);

    /// <summary>Sets inputs at a time, steps, and reads at the end of the step.</summary>
    public Task<FmuValue[]> StepAsync(double time, double size, IReadOnlyList<FmuSetting> inputs, IReadOnlyList<FmuHandle> read, CancellationToken cancellationToken) => AskAsync(
        string.Create(CultureInfo.InvariantCulture, $"a step of {size:G6} s"),
        time,
        _fmu.Bounds.StepDeadline,
        FmuRequest.Step,
        frame =>
        {
            frame.Write(time);
            frame.Write(size);
            FmuProtocol.Write(frame, inputs);
            FmuProtocol.Write(frame, read);
        },
        cancellationToken);

    /// <summary>Terminates and frees the instance, and ends the process.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await AskAsync("termination", null, _fmu.Bounds.StepDeadline, FmuRequest.Close, static _ => { }, cancellationToken);
        _usable = false;
    }

    /// <summary>Ends the process, whatever it is doing.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _listening;
        _process.Dispose();
    }

    private async Task<FmuValue[]> AskAsync(string doing, double? at, TimeSpan patience, FmuRequest kind, Action<BinaryWriter> write, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(!_usable, this);
        _usable = false;
        var request = FmuProtocol.Frame(frame =>
        {
            frame.Write((byte)kind);
            write(frame);
        });
        using var deadline = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        // A pipe that nobody reads or writes any more ends every wait.
        await using var kill = either.Token.UnsafeRegister(static process => ((FmuProcess)process!).Kill(), this);
        byte[] answer;
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(request, CancellationToken.None);
            await _process.StandardInput.BaseStream.FlushAsync(CancellationToken.None);
            var header = new byte[4];
            await _process.StandardOutput.BaseStream.ReadExactlyAsync(header, CancellationToken.None);
            answer = new byte[FmuProtocol.Length(header)];
            await _process.StandardOutput.BaseStream.ReadExactlyAsync(answer, CancellationToken.None);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            Kill();
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsCancellationRequested
                ? new FmuException(FmuFailure.TimedOut, _name, doing, at, $"no answer within {patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s; its process was ended", [])
                : await CrashAsync(doing, at);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Values(answer, doing, at);
    }

    private FmuValue[] Values(byte[] answer, string doing, double? at)
    {
        using var frame = FmuProtocol.Reader(answer);
        var reply = (FmuReply)frame.ReadByte();
        var messages = FmuProtocol.ReadMessages(frame);
        if (reply != FmuReply.Done)
        {
            throw new FmuException(reply == FmuReply.Incomplete ? FmuFailure.Incomplete : FmuFailure.Failed, _name, doing, at, frame.ReadString(), messages);
        }

        _usable = true;
        return FmuProtocol.ReadValues(frame);
    }

    private async Task<FmuException> CrashAsync(string doing, double? at)
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        await _listening;
        var how = _process.ExitCode switch
        {
            139 => "with a segmentation fault",
            134 => "by abort",
            136 => "with an arithmetic fault",
            137 => "by a kill signal",
            > 128 and var code => $"by signal {code - 128}",
            var code => $"with exit code {code}",
        };
        return new FmuException(FmuFailure.Crashed, _name, doing, at, $"its process ended {how}", [.. _said.Select(line => new FmuMessage("stderr", "", line))]);
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _said.Enqueue(line.Length <= 500 ? line : line[..500]);
            if (_said.Count > MostErrorLines)
            {
                _said.Dequeue();
            }
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }
}

using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>
/// The process in which one FMU runs (<c>twin fmu-host</c>): it answers frames on standard output to frames on standard
/// input, and ends when its input ends, whatever the FMU is doing then. What crashes here takes nothing else along.
/// </summary>
public static class FmuHost
{
    /// <summary>The verb that starts it.</summary>
    public const string Verb = "fmu-host";

    /// <summary>Answers until the input ends or the FMU is closed.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        var (inputDescriptor, outputDescriptor) = ProcessLimits.KeepStandardStreams();
        using var output = new FileStream(new SafeFileHandle(outputDescriptor, ownsHandle: true), FileAccess.Write, 0);
        using var frames = new BlockingCollection<byte[]>(1);
        new Thread(() => Receive(inputDescriptor, frames)) { IsBackground = true, Name = "fmu requests" }.Start();
        FmuLibrary? library = null;
        foreach (var frame in frames.GetConsumingEnumerable())
        {
            using var request = FmuProtocol.Reader(frame);
            var kind = (FmuRequest)request.ReadByte();
            output.Write(Answer(kind, request, ref library));
            if (kind == FmuRequest.Close)
            {
                return 0;
            }
        }

        return 0;
    }

    private static void Receive(int descriptor, BlockingCollection<byte[]> frames)
    {
        try
        {
            using var input = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, 0);
            var header = new byte[4];
            while (true)
            {
                input.ReadExactly(header);
                var frame = new byte[FmuProtocol.Length(header)];
                input.ReadExactly(frame);
                frames.Add(frame);
            }
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or ObjectDisposedException or InvalidOperationException)
        {
            ProcessLimits.Exit(0);
        }
    }

    private static byte[] Answer(FmuRequest kind, BinaryReader request, ref FmuLibrary? library)
    {
        try
        {
            var values = Do(kind, request, ref library);
            return FmuProtocol.Frame(frame =>
            {
                frame.Write((byte)FmuReply.Done);
                FmuProtocol.Write(frame, FmuLog.Take());
                FmuProtocol.Write(frame, values);
            });
        }
        catch (FmuIncompleteException fault)
        {
            return Fault(FmuReply.Incomplete, fault.Message);
        }
        catch (Exception fault) when (fault is FmuStatusException or InvalidOperationException or DllNotFoundException or OverflowException or BadImageFormatException or OutOfMemoryException)
        {
            return Fault(FmuReply.Failed, fault.Message);
        }
    }

    private static FmuValue[] Do(FmuRequest kind, BinaryReader request, ref FmuLibrary? library)
    {
        switch (kind)
        {
            case FmuRequest.Open:
                var opening = FmuProtocol.ReadOpening(request);
                ProcessLimits.Apply(opening.MostMemoryBytes);
                library = FmuLibrary.Load(opening);
                return [];
            case FmuRequest.Initialise:
                library!.Initialise(request.ReadDouble(), request.ReadDouble(), FmuProtocol.ReadSettings(request), FmuProtocol.ReadSettings(request));
                return Read(library, FmuProtocol.ReadHandles(request));
            case FmuRequest.Step:
                library!.Step(request.ReadDouble(), request.ReadDouble(), FmuProtocol.ReadSettings(request));
                return Read(library, FmuProtocol.ReadHandles(request));
            case FmuRequest.Read:
                return Read(library!, FmuProtocol.ReadHandles(request));
            case FmuRequest.Close:
                library?.Close();
                return [];
            default:
                throw new InvalidOperationException($"{kind} is no request");
        }
    }

    private static FmuValue[] Read(FmuLibrary library, FmuHandle[] handles)
    {
        var values = new FmuValue[handles.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            values[i] = library.Read(handles[i]);
        }

        return values;
    }

    private static byte[] Fault(FmuReply reply, string fault) => FmuProtocol.Frame(frame =>
    {
        frame.Write((byte)reply);
        FmuProtocol.Write(frame, FmuLog.Take());
        frame.Write(fault);
    });
}

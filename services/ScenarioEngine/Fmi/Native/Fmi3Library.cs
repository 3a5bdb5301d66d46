using System.Globalization;
using System.Runtime.InteropServices;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>FMI 3.0.2, co-simulation, with events between steps and steps that return early (clauses 2.2, 4.2).</summary>
internal sealed unsafe class Fmi3Library : FmuLibrary
{
    /// <summary>Pieces that one step may fall into, and rounds of one event: more is no progress.</summary>
    private const int MostRounds = 100_000;

    private readonly nint _instance;
    private readonly bool _events;
    private readonly delegate* unmanaged<nint, double, double, byte, byte*, byte*, byte*, double*, int> _doStep;

    public Fmi3Library(FmuOpening opening)
        : base(opening.Library)
    {
        _events = opening.HasEventMode;
        _doStep = (delegate* unmanaged<nint, double, double, byte, byte*, byte*, byte*, double*, int>)Export("fmi3DoStep");
        var instantiate = (delegate* unmanaged<byte*, byte*, byte*, byte, byte, byte, byte, uint*, nuint, nint, nint, nint, nint>)Export("fmi3InstantiateCoSimulation");
        fixed (byte* name = Bytes(opening.Instance), token = Bytes(opening.Token), resources = opening.Resources is null ? null : Bytes(opening.Resources + "/"))
        {
            delegate* unmanaged<nint, int, byte*, byte*, void> log = &Log;
            _instance = instantiate(name, token, resources, 0, 1, Byte(_events), Byte(_events), null, 0, 0, (nint)log, 0);
        }

        if (_instance == 0)
        {
            throw new InvalidOperationException("fmi3InstantiateCoSimulation gave no instance");
        }
    }

    public override void Initialise(double start, double stop, FmuSetting[] parameters, FmuSetting[] inputs)
    {
        Set(parameters);
        var enter = (delegate* unmanaged<nint, byte, double, double, byte, double, int>)Export("fmi3EnterInitializationMode");
        Check(enter(_instance, 0, 0, start, 1, stop), "fmi3EnterInitializationMode");
        Set(inputs);
        Call("fmi3ExitInitializationMode");
        if (_events)
        {
            FinishEvent();
        }
    }

    public override void Step(double time, double size, FmuSetting[] inputs)
    {
        if (_events && inputs.Any(setting => setting.Handle.Discrete))
        {
            // What is discrete may change at events alone.
            Call("fmi3EnterEventMode");
            Set(inputs);
            FinishEvent();
        }
        else
        {
            Set(inputs);
        }

        var end = time + size;
        var reached = time;
        for (var piece = 0; piece < MostRounds; piece++)
        {
            byte handleEvent = 0, terminate = 0, early = 0;
            var last = reached;
            Check(_doStep(_instance, reached, piece == 0 ? size : end - reached, 1, &handleEvent, &terminate, &early, &last), "fmi3DoStep");
            if (terminate != 0)
            {
                throw new FmuIncompleteException(Invariant($"the FMU asked to end the simulation at t = {last:R} s"));
            }

            if (early != 0 && (!_events || last < reached || last > end))
            {
                throw new FmuIncompleteException(Invariant($"the step to t = {end:R} s was made until t = {last:R} s only"));
            }

            if (handleEvent != 0)
            {
                if (!_events)
                {
                    throw new FmuIncompleteException("the FMU asked for the handling of an event, and has no event mode");
                }

                Call("fmi3EnterEventMode");
                FinishEvent();
            }

            if (early == 0)
            {
                // What is written to last may be left alone by an FMU that came to the end; but what it says must be true.
                if (Math.Abs(last - end) > 1e-9 * Math.Max(1, Math.Abs(end)) && last != reached)
                {
                    throw new FmuIncompleteException(Invariant($"the step to t = {end:R} s was made until t = {last:R} s only"));
                }

                return;
            }

            reached = last;
            if (reached >= end)
            {
                return;
            }
        }

        throw new FmuIncompleteException(Invariant($"the step to t = {end:R} s fell into more than {MostRounds} pieces"));
    }

    public override FmuValue Read(FmuHandle handle) => handle.Type switch
    {
        FmuType.Float64 => Get<double>(handle),
        FmuType.Float32 => (double)Get<float>(handle),
        FmuType.Int8 => (double)Get<sbyte>(handle),
        FmuType.UInt8 => (double)Get<byte>(handle),
        FmuType.Int16 => (double)Get<short>(handle),
        FmuType.UInt16 => (double)Get<ushort>(handle),
        FmuType.Int32 => (double)Get<int>(handle),
        FmuType.UInt32 => (double)Get<uint>(handle),
        FmuType.Int64 => (double)Get<long>(handle),
        FmuType.UInt64 => (double)Get<ulong>(handle),
        FmuType.Boolean => Get<byte>(handle) != 0 ? 1d : 0d,
        FmuType.Text => new FmuValue(0, Text((byte*)Get<nint>(handle))),
        _ => throw new InvalidOperationException($"variables of type {handle.Type} are not read"),
    };

    public override void Close()
    {
        Call("fmi3Terminate");
        ((delegate* unmanaged<nint, void>)Export("fmi3FreeInstance"))(_instance);
    }

    private T Get<T>(FmuHandle handle)
        where T : unmanaged
    {
        T value;
        var reference = handle.Reference;
        var call = "fmi3Get" + Name(handle.Type);
        Check(((delegate* unmanaged<nint, uint*, nuint, void*, nuint, int>)Export(call))(_instance, &reference, 1, &value, 1), call);
        return value;
    }

    private void Set(FmuSetting[] settings)
    {
        foreach (var (handle, value) in settings)
        {
            switch (handle.Type)
            {
                case FmuType.Float64: SetOne(handle, value.Number); break;
                case FmuType.Float32: SetOne(handle, (float)value.Number); break;
                case FmuType.Int8: SetOne(handle, checked((sbyte)value.Number)); break;
                case FmuType.UInt8: SetOne(handle, checked((byte)value.Number)); break;
                case FmuType.Int16: SetOne(handle, checked((short)value.Number)); break;
                case FmuType.UInt16: SetOne(handle, checked((ushort)value.Number)); break;
                case FmuType.Int32: SetOne(handle, checked((int)value.Number)); break;
                case FmuType.UInt32: SetOne(handle, checked((uint)value.Number)); break;
                case FmuType.Int64: SetOne(handle, checked((long)value.Number)); break;
                case FmuType.UInt64: SetOne(handle, checked((ulong)value.Number)); break;
                case FmuType.Boolean: SetOne(handle, Byte(value.Number != 0)); break;
                case FmuType.Text:
                    fixed (byte* text = Bytes(value.Text ?? ""))
                    {
                        SetOne(handle, (nint)text);
                    }

                    break;
                default:
                    throw new InvalidOperationException($"variables of type {handle.Type} are not set");
            }
        }
    }

    private void SetOne<T>(FmuHandle handle, T value)
        where T : unmanaged
    {
        var reference = handle.Reference;
        var call = "fmi3Set" + Name(handle.Type);
        Check(((delegate* unmanaged<nint, uint*, nuint, void*, nuint, int>)Export(call))(_instance, &reference, 1, &value, 1), call);
    }

    /// <summary>From event mode to step mode, when all discrete states have settled.</summary>
    private void FinishEvent()
    {
        var update = (delegate* unmanaged<nint, byte*, byte*, byte*, byte*, byte*, double*, int>)Export("fmi3UpdateDiscreteStates");
        byte again = 1;
        for (var round = 0; again != 0; round++)
        {
            byte terminate = 0, nominals = 0, states = 0, timed = 0;
            double next = 0;
            Check(update(_instance, &again, &terminate, &nominals, &states, &timed, &next), "fmi3UpdateDiscreteStates");
            if (terminate != 0)
            {
                throw new FmuIncompleteException("the FMU asked to end the simulation at an event");
            }

            if (round > MostRounds)
            {
                throw new FmuIncompleteException("the discrete states do not settle");
            }
        }

        Call("fmi3EnterStepMode");
    }

    private void Call(string function) => Check(((delegate* unmanaged<nint, int>)Export(function))(_instance), function);

    private static string Name(FmuType type) => type == FmuType.Text ? "String" : type.ToString();

    private static byte Byte(bool value) => value ? (byte)1 : (byte)0;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [UnmanagedCallersOnly]
    private static void Log(nint environment, int status, byte* category, byte* message) => FmuLog.Add(StatusName(status), Text(category), Text(message));
}

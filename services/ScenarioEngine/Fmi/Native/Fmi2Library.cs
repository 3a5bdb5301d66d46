using System.Globalization;
using System.Runtime.InteropServices;

namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>FMI 2.0.4, co-simulation (clauses 2.1 and 4.2).</summary>
internal sealed unsafe class Fmi2Library : FmuLibrary
{
    private const int CoSimulation = 1;
    private const int Discard = 2;
    private const int LastSuccessfulTime = 2;
    private const int Terminated = 3;

    private readonly nint _instance;
    private readonly Callbacks* _callbacks;

    private readonly delegate* unmanaged<nint, double, double, int, int> _doStep;
    private readonly delegate* unmanaged<nint, uint*, nuint, double*, int> _getReal;
    private readonly delegate* unmanaged<nint, uint*, nuint, double*, int> _setReal;
    private readonly delegate* unmanaged<nint, uint*, nuint, int*, int> _getInteger;
    private readonly delegate* unmanaged<nint, uint*, nuint, int*, int> _setInteger;
    private readonly delegate* unmanaged<nint, uint*, nuint, int*, int> _getBoolean;
    private readonly delegate* unmanaged<nint, uint*, nuint, int*, int> _setBoolean;

    public Fmi2Library(FmuOpening opening)
        : base(opening.Library)
    {
        _doStep = (delegate* unmanaged<nint, double, double, int, int>)Export("fmi2DoStep");
        _getReal = (delegate* unmanaged<nint, uint*, nuint, double*, int>)Export("fmi2GetReal");
        _setReal = (delegate* unmanaged<nint, uint*, nuint, double*, int>)Export("fmi2SetReal");
        _getInteger = (delegate* unmanaged<nint, uint*, nuint, int*, int>)Export("fmi2GetInteger");
        _setInteger = (delegate* unmanaged<nint, uint*, nuint, int*, int>)Export("fmi2SetInteger");
        _getBoolean = (delegate* unmanaged<nint, uint*, nuint, int*, int>)Export("fmi2GetBoolean");
        _setBoolean = (delegate* unmanaged<nint, uint*, nuint, int*, int>)Export("fmi2SetBoolean");

        // The library may keep the pointer as long as the instance lives: it is never freed.
        _callbacks = (Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(Callbacks));
        var libc = NativeLibrary.Load("libc.so.6");
        *_callbacks = new Callbacks
        {
            Logger = (nint)VariadicLog.Logger,
            Allocate = NativeLibrary.GetExport(libc, "calloc"),
            Free = NativeLibrary.GetExport(libc, "free"),
            StepFinished = 0,
            Environment = 0,
        };
        var instantiate = (delegate* unmanaged<byte*, int, byte*, byte*, Callbacks*, int, int, nint>)Export("fmi2Instantiate");
        var resources = opening.Resources is null ? "" : new Uri(opening.Resources).AbsoluteUri;
        fixed (byte* name = Bytes(opening.Instance), guid = Bytes(opening.Token), location = Bytes(resources))
        {
            _instance = instantiate(name, CoSimulation, guid, location, _callbacks, 0, 1);
        }

        if (_instance == 0)
        {
            throw new InvalidOperationException("fmi2Instantiate gave no instance");
        }
    }

    public override void Initialise(double start, double stop, FmuSetting[] parameters, FmuSetting[] inputs)
    {
        Set(parameters);
        var setup = (delegate* unmanaged<nint, int, double, double, int, double, int>)Export("fmi2SetupExperiment");
        Check(setup(_instance, 0, 0, start, 1, stop), "fmi2SetupExperiment");
        Call("fmi2EnterInitializationMode");
        Set(inputs);
        Call("fmi2ExitInitializationMode");
    }

    public override void Step(double time, double size, FmuSetting[] inputs)
    {
        Set(inputs);
        var status = _doStep(_instance, time, size, 1);
        if (status == Discard)
        {
            throw new FmuIncompleteException(HowFar(time + size));
        }

        Check(status, "fmi2DoStep");
    }

    public override FmuValue Read(FmuHandle handle)
    {
        var reference = handle.Reference;
        switch (handle.Type)
        {
            case FmuType.Float64:
                double real;
                Check(_getReal(_instance, &reference, 1, &real), "fmi2GetReal");
                return real;
            case FmuType.Int32:
                int whole;
                Check(_getInteger(_instance, &reference, 1, &whole), "fmi2GetInteger");
                return whole;
            case FmuType.Boolean:
                int flag;
                Check(_getBoolean(_instance, &reference, 1, &flag), "fmi2GetBoolean");
                return flag != 0 ? 1 : 0;
            default:
                byte* text;
                Check(((delegate* unmanaged<nint, uint*, nuint, byte**, int>)Export("fmi2GetString"))(_instance, &reference, 1, &text), "fmi2GetString");
                return new FmuValue(0, Text(text));
        }
    }

    public override void Close()
    {
        Call("fmi2Terminate");
        ((delegate* unmanaged<nint, void>)Export("fmi2FreeInstance"))(_instance);
    }

    /// <summary>Why a step was discarded, as far as the FMU says.</summary>
    private string HowFar(double end)
    {
        int terminated;
        double reached;
        if (TryExport("fmi2GetBooleanStatus", out var askFlag) && ((delegate* unmanaged<nint, int, int*, int>)askFlag)(_instance, Terminated, &terminated) is 0 or 1 && terminated != 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the FMU asked to end the simulation before t = {end:R} s");
        }

        return TryExport("fmi2GetRealStatus", out var ask) && ((delegate* unmanaged<nint, int, double*, int>)ask)(_instance, LastSuccessfulTime, &reached) is 0 or 1
            ? string.Create(CultureInfo.InvariantCulture, $"the step to t = {end:R} s was made until t = {reached:R} s only")
            : "the step was discarded, and the FMU does not say how far it came";
    }

    private void Set(FmuSetting[] settings)
    {
        foreach (var (handle, value) in settings)
        {
            var reference = handle.Reference;
            switch (handle.Type)
            {
                case FmuType.Float64:
                    var real = value.Number;
                    Check(_setReal(_instance, &reference, 1, &real), "fmi2SetReal");
                    break;
                case FmuType.Int32:
                    var whole = checked((int)value.Number);
                    Check(_setInteger(_instance, &reference, 1, &whole), "fmi2SetInteger");
                    break;
                case FmuType.Boolean:
                    var flag = value.Number != 0 ? 1 : 0;
                    Check(_setBoolean(_instance, &reference, 1, &flag), "fmi2SetBoolean");
                    break;
                default:
                    fixed (byte* text = Bytes(value.Text ?? ""))
                    {
                        var pointer = text;
                        Check(((delegate* unmanaged<nint, uint*, nuint, byte**, int>)Export("fmi2SetString"))(_instance, &reference, 1, &pointer), "fmi2SetString");
                    }

                    break;
            }
        }
    }

    private void Call(string function) => Check(((delegate* unmanaged<nint, int>)Export(function))(_instance), function);

    private struct Callbacks
    {
        public nint Logger;
        public nint Allocate;
        public nint Free;
        public nint StepFinished;
        public nint Environment;
    }
}

using System.CommandLine;
using Twin.ScenarioEngine.Fmi.Native;

namespace Twin.Node.Commands;

/// <summary><c>twin fmu-host</c>: the process in which a node runs a foreign FMU. Not for people.</summary>
internal static class FmuHostCommand
{
    public static Command Create()
    {
        var command = new Command(FmuHost.Verb, "Runs one FMU for the node that started it.") { Hidden = true };
        command.SetAction(static _ => FmuHost.Run());
        return command;
    }
}

using Twin.Tests.Contract.Events;

// The crash tests start this same program as the process that they kill; everything else is xunit's own entry point.
if (args is [EventProcess.Verb, var settings])
{
    await EventProcess.RunAsync(settings);
    return 0;
}

return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, Twin.Tests.Contract.SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);

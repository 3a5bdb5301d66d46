using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Composition;

/// <summary>Turns what a start can fail with, by what it was told, into a message for whoever told it.</summary>
internal static partial class StartFault
{
    /// <summary>The fault as one of the settings, or null when it is ours.</summary>
    public static SettingException? Explain(Exception fault, NodeOptions options) => fault switch
    {
        SettingException own => own,
        StorageException storage => new SettingException(storage.Message),
        OptionsValidationException validation => new SettingException(string.Join(Environment.NewLine, validation.Failures)),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => SettingException.Of(
            "Twin:Port",
            $"{InUse(fault)} is taken by another process; set another port, or 0 for a free one."),
        System.Net.Sockets.SocketException => SettingException.Of(
            "Twin:Address", $"{options.Address ?? "*"} port {options.Port} cannot be bound: {fault.Message}."),
        AggregateException { InnerExceptions.Count: > 0 } several when several.InnerExceptions.All(one => Explain(one, options) is not null) =>
            new SettingException(string.Join(Environment.NewLine, several.InnerExceptions.Select(string (one) => Explain(one, options)!.Message))),
        InvalidOperationException => OfBinding(fault),
        _ => null,
    };

    /// <summary>A value that is not of its setting's type, as the binder reports it.</summary>
    public static SettingException? OfBinding(Exception fault) =>
        Binding().Match(fault.Message) is { Success: true } match
            ? SettingException.Of(match.Groups["key"].Value, $"'{match.Groups["value"].Value}' is not of the type {match.Groups["type"].Value.Split('.')[^1]}.")
            : null;

    private static string InUse(Exception fault) => Address().Match(fault.Message) is { Success: true } match ? match.Value : "the port";

    [GeneratedRegex(@"^Failed to convert configuration value(?: '(?<value>.*?)')? at '(?<key>[^']+)' to type '(?<type>[^']+)'", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Binding();

    [GeneratedRegex(@"https?://\S+?(?=:? address|\s|$)", RegexOptions.None, 1000)]
    private static partial Regex Address();
}

using System.Net;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Composition;

/// <summary>Refuses settings with which a process could not do what it says.</summary>
internal sealed class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        var faults = new List<string>();
        if (options.Port is < 0 or > 65535)
        {
            faults.Add(SettingException.Text("Twin:Port", $"{options.Port} is no port; set 0 (a free one is picked) to 65535."));
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            faults.Add(SettingException.Text(NodeOptions.DataDirectoryKey, "set the directory that holds the node's data."));
        }

        if (string.IsNullOrWhiteSpace(options.Name) || options.Name.Length > 100 || options.Name.Any(char.IsControl))
        {
            faults.Add(SettingException.Text("Twin:Name", "set the name of the city, 1 to 100 characters."));
        }

        if (options.ShutdownSeconds is < 1 or > 3600)
        {
            faults.Add(SettingException.Text("Twin:ShutdownSeconds", "set 1 to 3600 seconds."));
        }

        if (options.DrainSeconds is < 0 or > 600)
        {
            faults.Add(SettingException.Text("Twin:DrainSeconds", "set 0 to 600 seconds."));
        }

        CheckAddress(options, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckAddress(NodeOptions options, List<string> faults)
    {
        if (options.Address is not (null or "" or "*") && !IPAddress.TryParse(options.Address, out _))
        {
            faults.Add(SettingException.Text("Twin:Address", $"'{options.Address}' is no IP address; set one, or * for every one."));
        }
        else if (options.Open && (options.BindAddress is not { } address || !IPAddress.IsLoopback(address)))
        {
            faults.Add(SettingException.Text("Twin:Address", "an open node (Twin:Open) asks nobody who they are, so it binds to loopback only; set 127.0.0.1 or leave the setting out."));
        }
    }
}

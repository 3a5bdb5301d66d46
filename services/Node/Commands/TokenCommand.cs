using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;

namespace Twin.Node.Commands;

/// <summary><c>twin token</c>: prints a bearer token signed with the node's own key, whether or not the node runs.</summary>
internal static partial class TokenCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Directory of the node (Twin__DataDirectory, ./data)", HelpName = "DIR" };
        var role = new Option<string[]>("--role")
        {
            Description = $"Role of its bearer, once or more: {string.Join(", ", TwinRoles.Assignable)}",
            HelpName = "ROLE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
        };
        role.AcceptOnlyFromAmong([.. TwinRoles.Assignable]);
        var lifetime = new Option<string>("--lifetime")
        {
            Description = $"How long it holds, as 90s, 15m, 1h or 30d; at most {SigningKeys.LongestTokenLifetime.Days}d",
            HelpName = "TIME",
            DefaultValueFactory = static _ => "1h",
        };
        var json = new Option<bool>("--json") { Description = "Prints an object with token, roles and expires instead" };
        var command = new Command(
            "token",
            """
            Prints a bearer token for this node, signed with its own key; makes the key when there is none yet.

            Whoever may read the node's directory may do this: the token is not bound to an account. It falls with the
            key that signed it, or with time.

            Examples:
              twin token --data ./mulhouse --role administrator
              curl -H "Authorization: Bearer $(twin token --data ./mulhouse --role operator --lifetime 5m)" http://127.0.0.1:8080/operations/keys
            """)
        {
            data, role, lifetime, json,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(data), parsed.GetValue(role)!, parsed.GetValue(lifetime)!, parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string? data, string[] roles, string lifetime, bool json)
    {
        var directory = Path.GetFullPath(data ?? Environment.GetEnvironmentVariable("Twin__DataDirectory") ?? new NodeOptions().DataDirectory);
        var holds = Parse(lifetime);
        var time = TimeProvider.System;
        using var keys = new SigningKeys(
            Environment.GetEnvironmentVariable("Twin__Identity__KeyDirectory") ?? SigningKeys.DirectoryIn(directory), time, TimeSpan.FromDays(new SignInSettings().KeyRotationDays));
        var now = time.GetUtcNow();
        string token;
        try
        {
            token = NodeTokens.Issue(keys.Active(), "command-line", roles, holds, now);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new SettingException($"{keys.Directory}: {fault.Message} Set the directory of a node whose files you may read (--data).");
        }

        await Console.Out.WriteLineAsync(json ? Describe(token, roles, now + holds) : token);
        return 0;
    }

    private static TimeSpan Parse(string text)
    {
        if (Lifetime.Match(text) is { Success: true } match)
        {
            var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var holds = match.Groups[2].Value switch
            {
                "s" => TimeSpan.FromSeconds(number),
                "m" => TimeSpan.FromMinutes(number),
                "h" => TimeSpan.FromHours(number),
                _ => TimeSpan.FromDays(number),
            };
            if (holds > TimeSpan.Zero && holds <= SigningKeys.LongestTokenLifetime)
            {
                return holds;
            }
        }

        throw new SettingException($"--lifetime {text}: set a time such as 90s, 15m, 1h or 30d, at most {SigningKeys.LongestTokenLifetime.Days}d.");
    }

    private static string Describe(string token, string[] roles, DateTimeOffset expires)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("token", token);
            writer.WriteStartArray("roles");
            foreach (var role in roles)
            {
                writer.WriteStringValue(role);
            }

            writer.WriteEndArray();
            writer.WriteString("expires", expires.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    [GeneratedRegex("^([0-9]{1,7})([smhd])\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Lifetime { get; }
}

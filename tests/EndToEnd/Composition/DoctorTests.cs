using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Twin.Tests.EndToEnd.Composition;

/// <summary><c>twin doctor</c>: what it finds, what it advises, and with which code it ends.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("twin-doctor-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(directory, "city");

    [Fact]
    public async Task A_node_that_runs_well_is_well_and_so_is_its_directory_afterwards()
    {
        await using (var node = TwinRun.Start(["serve", "--port", "0", "--data", Data, "--name", "Mulhouse"]))
        {
            var address = await node.ReadyAsync(Token);

            var (code, findings) = await DoctorAsync();

            Assert.Equal(0, code);
            Assert.DoesNotContain(findings, finding => finding.State == "Fail");
            Assert.All((string[])["runtime", "data directory", "keys", "clock", "store entity-registry", "store gateway", "health of drain"], check => Assert.Equal((check, "Ok"), (check, Of(findings, check).State)));
            Assert.Contains($"Mulhouse runs as process {node.Id} at {address.GetLeftPart(UriPartial.Authority)}", Of(findings, "process").Found, StringComparison.Ordinal);
            await node.SignalAsync("TERM");
            await node.EndAsync(Token);
        }

        var (after, stopped) = await DoctorAsync();

        Assert.Equal(0, after);
        Assert.Equal("no node runs on the directory", Of(stopped, "process").Found);
        Assert.Matches("entity-registry at migration [0-9]+", Of(stopped, "store entity-registry").Found);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_no_fault_and_is_not_made()
    {
        var (code, findings) = await DoctorAsync();

        Assert.Equal(0, code);
        Assert.Equal(("Warn", $"It is made by: twin serve --data {Data}"), (Of(findings, "data directory").State, Of(findings, "data directory").Advice));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_fails_and_says_whose_it_should_be()
    {
        // Not even root makes a file there.
        var (code, findings) = await DoctorAsync(data: "/proc/self");

        Assert.Equal(1, code);
        Assert.Equal("Fail", Of(findings, "data directory").State);
        Assert.StartsWith("/proc/self cannot be written:", Of(findings, "data directory").Found, StringComparison.Ordinal);
        Assert.Contains("chown", Of(findings, "data directory").Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_a_newer_version_wrote_fails_and_stays_as_it_is()
    {
        await ServeOnceAsync();
        await ExecuteAsync("INSERT INTO applied_migrations SELECT component, 9999, name, checksum, applied_at FROM applied_migrations WHERE component = 'entity-registry' AND number = 1");
        var before = await File.ReadAllBytesAsync(Store, Token);

        var (code, findings) = await DoctorAsync();

        Assert.Equal(1, code);
        var (_, state, found, advice) = Of(findings, "store entity-registry");
        Assert.Equal("Fail", state);
        Assert.StartsWith("entity-registry is at migration 9999, this program knows ", found, StringComparison.Ordinal);
        Assert.Contains("newer version", advice, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Store, Token));
    }

    [Fact]
    public async Task A_store_that_is_none_and_keys_that_others_read_fail()
    {
        await ServeOnceAsync();
        Assert.Equal(0, (await RunAsync(["token", "--data", Data, "--role", "operator"])).Code);
        await File.WriteAllTextAsync(Store, "not a database, and long enough to be read as the header of one: " + new string('x', 4096), Token);
        var key = Directory.GetFiles(Path.Combine(Data, "keys"))[0];
        File.SetUnixFileMode(key, File.GetUnixFileMode(key) | UnixFileMode.OtherRead);

        var (code, findings) = await DoctorAsync();

        Assert.Equal(1, code);
        Assert.Equal(["Fail", "Fail", "Ok"], [Of(findings, "store entity-registry").State, Of(findings, "keys").State, Of(findings, "store gateway").State]);
        Assert.Contains(key, Of(findings, "keys").Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_and_a_broker_that_cannot_be_reached_fail_without_a_word_of_the_password()
    {
        using var nobody = new Socket(SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)nobody.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

        var (code, output) = await RunAsync(
            ["doctor", "--data", Data, "--json"],
            ("Twin__Storage__PostgreSql__ConnectionString", $"Host=127.0.0.1;Port={port};Username=twin;Password=hush-hush"), ("Twin__Events__Kafka__BootstrapServers", "127.0.0.1:" + port));

        var findings = Parse(output);
        Assert.Equal(1, code);
        Assert.Equal(["Fail", "Fail"], [Of(findings, "PostgreSQL").State, Of(findings, "Kafka").State]);
        Assert.Contains(port, Of(findings, "PostgreSQL").Found, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_was_killed_is_a_warning()
    {
        await using (var node = TwinRun.Start(["serve", "--port", "0", "--data", Data]))
        {
            await node.ReadyAsync(Token);
            await node.SignalAsync("KILL");
            await node.EndAsync(Token);
        }

        var (code, findings) = await DoctorAsync();

        Assert.Equal((0, "Warn"), (code, Of(findings, "process").State));
    }

    [Fact]
    public async Task People_read_a_line_for_each_finding_and_what_to_do()
    {
        var (code, output) = await RunAsync(["doctor", "--data", "/proc/self"]);

        Assert.Equal(1, code);
        Assert.Contains("FAIL data directory: /proc/self cannot be written", output, StringComparison.Ordinal);
        Assert.Contains("→ Give it to the user of the node", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private string Store => Path.Combine(Data, "entity-registry.db");

    private async Task ServeOnceAsync()
    {
        await using var node = TwinRun.Start(["serve", "--port", "0", "--data", Data]);
        await node.ReadyAsync(Token);
        await node.SignalAsync("TERM");
        Assert.Equal(0, (await node.EndAsync(Token)).Code);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Store};Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Token));
    }

    private async Task<(int Code, IReadOnlyList<Finding> Findings)> DoctorAsync(string? data = null)
    {
        var (code, output) = await RunAsync(["doctor", "--data", data ?? Data, "--json"]);
        return (code, Parse(output));
    }

    private static async Task<(int Code, string Output)> RunAsync(string[] arguments, params (string, string)[] settings)
    {
        await using var run = TwinRun.Start(arguments, settings);
        var (code, output, errors) = await run.EndAsync(Token);
        Assert.Empty(errors);
        return (code, output);
    }

    private static List<Finding> Parse(string output) =>
    [
        .. JsonDocument.Parse(output).RootElement.EnumerateArray().Select(finding => new Finding(
            finding.GetProperty("check").GetString()!,
            finding.GetProperty("state").GetString()!,
            finding.GetProperty("found").GetString()!,
            finding.TryGetProperty("advice", out var advice) ? advice.GetString() : null)),
    ];

    private static Finding Of(IReadOnlyList<Finding> findings, string check) => Assert.Single(findings, finding => finding.Check == check);

    private sealed record Finding(string Check, string State, string Found, string? Advice);
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using MQTTnet;
using MQTTnet.Protocol;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Brokers that go, come again, ask for passwords and show certificates.</summary>
public sealed class MqttFaultTests
{
    private static readonly (string, string)[] Readings =
    [
        ("Subscriptions:0:Topic", "readings/{device}"), ("Subscriptions:0:Payload", "json"), ("Subscriptions:0:Entity", "urn:ngsi-ld:Device:{device}"),
        ("Subscriptions:0:Time", "ts"), ("Subscriptions:0:Qos", "2"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task No_acknowledged_message_is_lost_while_the_broker_is_restarted_under_load(string protocol)
    {
        await using var broker = await BrokerAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, [("Protocol", protocol), .. Readings]));
        await node.ConnectedAsync();
        var acknowledged = new ConcurrentBag<int>();
        using var enough = new CancellationTokenSource();
        Task[] writers = [WriteAsync(broker, 0, MqttQualityOfServiceLevel.AtLeastOnce, acknowledged, enough.Token), WriteAsync(broker, 1, MqttQualityOfServiceLevel.ExactlyOnce, acknowledged, enough.Token)];
        for (var restart = 1; restart <= 2; restart++)
        {
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(acknowledged.Count >= 300 * restart), 30, Cancel));
            await broker.StopAsync(Cancel);
            await broker.StartAsync(Cancel);
        }

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(acknowledged.Count >= 900), 30, Cancel));
        await enough.CancelAsync();
        await Task.WhenAll(writers);

        HashSet<string> sent = [.. acknowledged.Select(static number => number.ToString(CultureInfo.InvariantCulture))];
        Assert.Equal(acknowledged.Count, sent.Count);
        Assert.True(await Eventually.HoldsAsync(
            async () => sent.IsSubsetOf((await node.PointsAsync(null, "urn:ngsi-ld:Device:load", "n")).Select(static one => one.Value)), 30, Cancel));
        var source = await node.SourceAsync();
        Assert.Equal((0, 0, 0, 0), ((int)source["setAside"]!, (int)source["lost"]!, (int)source["refused"]!, (int)source["replaced"]!));
    }

    [Fact]
    public async Task A_wrong_password_is_a_clear_state_and_a_new_one_in_the_file_lets_the_node_in()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        var folder = Directory.CreateTempSubdirectory("twin-passwords-");
        var passwords = Path.Combine(folder.FullName, "passwords");
        await using var broker = new MosquittoBroker("allow_anonymous false", $"password_file {passwords}");
        File.Copy(await broker.PasswordsAsync("node", "right-and-secret", Cancel), passwords);
        await broker.StartAsync(Cancel);
        var secret = Path.Combine(folder.FullName, "secret");
        await File.WriteAllTextAsync(secret, "wrong-and-secret\n", Cancel);
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, [("User", "node"), ("PasswordFile", secret), .. Readings]));

        var source = await node.SourceAsync(static one => (string?)one["state"] == "refused");
        Assert.Contains("not authorized", (string?)source["reason"], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", source.ToJsonString(), StringComparison.Ordinal);
        var health = await node.GetAsync("/health/ready");
        var check = JsonNode.Parse(health.Text)!["checks"]!["sources"]!;
        Assert.Equal((200, "Degraded"), ((int)health.Status, (string?)check["status"]));
        Assert.Contains("'city' is refused", (string?)check["description"], StringComparison.Ordinal);

        await File.WriteAllTextAsync(secret, "right-and-secret\n", Cancel);
        await node.ConnectedAsync();
        Assert.Equal("Healthy", (string?)JsonNode.Parse((await node.GetAsync("/health/ready")).Text)!["checks"]!["sources"]!["status"]);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Tls_takes_the_authority_of_the_settings_alone_and_shows_the_certificate_of_the_node()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        var folder = Directory.CreateTempSubdirectory("twin-tls-");
        var (made, other) = (new TestCertificates(folder.FullName), new TestCertificates(folder.CreateSubdirectory("other").FullName));
        await using var broker = new MosquittoBroker(
            $"cafile {made.AuthorityFile}", $"certfile {made.ServerFile}", $"keyfile {made.ServerKeyFile}", "require_certificate true", "allow_anonymous true");
        await broker.StartAsync(Cancel);
        (string, string)[] own = [("Tls:Enabled", "true"), ("Tls:CertificateFile", made.ClientFile), ("Tls:KeyFile", made.ClientKeyFile), .. Readings];
        foreach (var (more, reason) in new[]
        {
            (new[] { ("Tls:CaFile", other.AuthorityFile) }, "of no authority that is trusted here"),
            ([("Tls:CaFile", made.AuthorityFile), ("Tls:ServerName", "elsewhere.example")], "for another name"),
            ([], "of no authority that is trusted here"),
        })
        {
            using var elsewhere = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
            await using var distrusting = await HistoryNode.StartAsync(elsewhere, SourceProbe.Mqtt(broker, [.. own, .. more]));
            var source = await distrusting.SourceAsync(static one => (string?)one["state"] == "disconnected");
            Assert.Contains(reason, (string?)source["reason"], StringComparison.Ordinal);
        }

        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, [.. own, ("Tls:CaFile", made.AuthorityFile)]));
        await node.ConnectedAsync();
        await broker.PublishAsync(
            ["--cafile", made.AuthorityFile, "--cert", made.ClientFile, "--key", made.ClientKeyFile, "-t", "readings/d1", "-m", """{"ts":"2026-01-01T00:00:00Z","n":1}""", "-q", "1"], Cancel);
        await node.SourceAsync(static one => (long)one["taken"]! == 1);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Subscriptions:0:Topic", "city/{a}{b}", "a placeholder, + or # is a whole level")]
    [InlineData("Subscriptions:0:Entity", "urn:x:{nothing}", "'{nothing}' is nothing that this source knows: it knows {device}")]
    [InlineData("Subscriptions:0:Payload", "xml", "'xml' is no form of payloads")]
    [InlineData("Protocol", "4", "set 5 or 3.1.1")]
    [InlineData("Host", "mqtt://broker", "without scheme")]
    [InlineData("Password", "abc", "a password needs a user", "User")]
    [InlineData("Tls:CaFile", "/x", "set true, or leave out the other settings of TLS")]
    public async Task A_setting_that_could_not_work_is_told_at_the_start_by_its_name(string key, string value, string fault, string? atFault = null)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var broker = new MosquittoBroker();
        var told = await Assert.ThrowsAnyAsync<Exception>(() => HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, [.. Readings, (key, value)])));
        Assert.Contains(fault, told.Message, StringComparison.Ordinal);
        Assert.Contains($"Twin:Telemetry:Mqtt:0:{atFault ?? key.Split(':')[0]}", told.Message, StringComparison.Ordinal);
    }

    /// <summary>Publishes numbers until it is enough; those that the broker has acknowledged are what counts.</summary>
    private static async Task WriteAsync(MosquittoBroker broker, int first, MqttQualityOfServiceLevel quality, ConcurrentBag<int> acknowledged, CancellationToken enough)
    {
        var settings = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithTimeout(TimeSpan.FromSeconds(2)).Build();
        using var client = new MqttClientFactory().CreateMqttClient();
        for (var number = first; !enough.IsCancellationRequested;)
        {
            try
            {
                if (!client.IsConnected)
                {
                    await client.ConnectAsync(settings, CancellationToken.None);
                }

                var time = DateTimeOffset.UnixEpoch.AddSeconds(number);
                var message = new MqttApplicationMessageBuilder().WithTopic("readings/load").WithQualityOfServiceLevel(quality)
                    .WithPayload(string.Create(CultureInfo.InvariantCulture, $$"""{"ts":"{{time:yyyy-MM-ddTHH:mm:ssZ}}","n":{{number}}}""")).Build();
                var answer = await client.PublishAsync(message, CancellationToken.None);
                if (answer.IsSuccess && answer.ReasonCode == MqttClientPublishReasonCode.Success)
                {
                    acknowledged.Add(number);
                    number += 2;
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // The broker is away: the same number goes again.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static async Task<MosquittoBroker> BrokerAsync()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        var broker = new MosquittoBroker();
        await broker.StartAsync(Cancel);
        return broker;
    }
}

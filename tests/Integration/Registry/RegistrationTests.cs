using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Context source registrations (GS CIM 009 5.9, 5.10); run on SQLite and on PostgreSQL.</summary>
public abstract class RegistrationTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_registration_is_created_read_changed_and_deleted_5_9()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer created = await client.PostAsync("/csourceRegistrations", Registration("urn:r:1"));
        created.Is(HttpStatusCode.Created);
        Assert.Equal("/ngsi-ld/v1/csourceRegistrations/urn:r:1", created.Headers.Location?.ToString());
        JsonNode read = (await client.GetAsync("/csourceRegistrations/urn:r:1")).Is(HttpStatusCode.OK).Json;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Registration("urn:r:1")), read), read.ToJsonString());

        (await client.PatchAsync("/csourceRegistrations/urn:r:1", """{"registrationName":"Basel","tenant":"open"}""")).Is(HttpStatusCode.NoContent);
        read = (await client.GetAsync("/csourceRegistrations/urn:r:1")).Json;
        Assert.Equal(("Basel", "open"), ((string?)read["registrationName"], (string?)read["tenant"]));
        Assert.Equal("http://127.0.0.1:9", (string?)read["endpoint"]);

        (await client.DeleteAsync("/csourceRegistrations/urn:r:1")).Is(HttpStatusCode.NoContent);
        (await client.GetAsync("/csourceRegistrations/urn:r:1")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.DeleteAsync("/csourceRegistrations/urn:r:1")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.PatchAsync("/csourceRegistrations/urn:r:1", """{"tenant":"open"}""")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    [Fact]
    public async Task The_same_id_twice_is_refused_and_a_missing_id_is_made_up_5_9_2()
    {
        NgsiClient client = await fixture.FreshAsync();
        (await client.PostAsync("/csourceRegistrations", Registration("urn:r:1"))).Is(HttpStatusCode.Created);

        (await client.PostAsync("/csourceRegistrations", Registration("urn:r:1"))).Refuses(HttpStatusCode.Conflict, "AlreadyExists");
        Answer made = (await client.PostAsync("/csourceRegistrations", """{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"T"}]}],"endpoint":"http://127.0.0.1:9"}""")).Is(HttpStatusCode.Created);

        (await client.GetAsync(made.Headers.Location!.ToString())).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Registrations_are_found_by_what_they_may_hold_in_pages_5_10_2()
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "urn:r:3", """[{"entities":[{"type":"Building"}],"propertyNames":["height"]}]""");
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Vehicle","idPattern":"^urn:v:.*"}]}]""");
        await RegisterAsync(client, "urn:r:2", """[{"entities":[{"type":"Building","id":"urn:b:1"}]}]""");

        Assert.Equal(["urn:r:3", "urn:r:1", "urn:r:2"], (await client.GetAsync("/csourceRegistrations?local=true")).Ids);
        Assert.Equal(["urn:r:3", "urn:r:2"], (await client.GetAsync("/csourceRegistrations?type=Building")).Ids);
        Assert.Equal(["urn:r:3"], (await client.GetAsync("/csourceRegistrations?type=Building&id=urn:b:2")).Ids);
        Assert.Equal(["urn:r:2"], (await client.GetAsync("/csourceRegistrations?type=Building&attrs=name")).Ids);
        Assert.Equal(["urn:r:1"], (await client.GetAsync("/csourceRegistrations?id=urn:v:7&type=Vehicle")).Ids);
        Answer page = await client.GetAsync("/csourceRegistrations?local=true&limit=1&offset=1&count=true");
        Assert.Equal(["urn:r:1"], page.Ids);
        Assert.Equal("3", page["NGSILD-Results-Count"]);
        Assert.Contains("rel=\"next\"", page["Link"], StringComparison.Ordinal);
        Assert.Contains("rel=\"prev\"", page["Link"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local=true", "plain,rich,scoped")]
    [InlineData("id=urn:b:1", "plain,rich,scoped")]
    [InlineData("id=urn:b:2,urn:b:3", "plain,scoped")]
    [InlineData("idPattern=b:1$", "plain,rich,scoped")]
    [InlineData("type=Building|Vehicle&idPattern=^urn:v:", "plain,scoped")]
    [InlineData("type=(Building;Listed)", "plain,rich")]
    [InlineData("type=Tram", "")]
    [InlineData("attrs=height", "plain,rich")]
    [InlineData("q=name==\"x\"", "plain,scoped")]
    [InlineData("attrs=height&q=name==\"x\"", "plain")]
    [InlineData("csf=owner==\"DMC\"", "rich")]
    [InlineData("csf=endpoint==\"http://127.0.0.1:9\";owner!=\"x\"", "rich")]
    [InlineData("csf=!owner&type=Building", "plain")]
    [InlineData("csf=contextSourceInfo", "")]
    [InlineData("scopeQ=/Mulhouse/%23", "rich,scoped")]
    [InlineData("scopeQ=/Mulhouse/DMC", "rich")]
    [InlineData("georel=near;maxDistance==2000&geometry=Point&coordinates=[7.33,47.75]", "rich")]
    [InlineData("georel=near;maxDistance==2000&geometry=Point&coordinates=[0,0]", "")]
    [InlineData("georel=within&geometry=Polygon&coordinates=[[[7,47],[8,47],[8,48],[7,47]]]&geoproperty=operationSpace", "scoped")]
    [InlineData("timerel=before&timeAt=2020-06-01T00:00:00Z", "past")]
    [InlineData("timerel=before&timeAt=2020-01-01T00:00:00Z", "")]
    [InlineData("timerel=after&timeAt=2021-01-01T00:00:00Z", "")]
    [InlineData("timerel=after&timeAt=2020-06-01T00:00:00Z&timeproperty=observedAt", "past")]
    [InlineData("timerel=between&timeAt=2019-01-01T00:00:00Z&endTimeAt=2022-01-01T00:00:00Z", "past")]
    [InlineData("timerel=between&timeAt=2021-01-01T00:00:00Z&endTimeAt=2022-01-01T00:00:00Z", "")]
    [InlineData("timerel=after&timeAt=2031-01-01T00:00:00Z&timeproperty=createdAt", "kept")]
    [InlineData("timerel=before&timeAt=2019-01-01T00:00:00Z&timeproperty=modifiedAt", "")]
    public async Task Registrations_are_chosen_by_what_they_hold_say_and_when_5_10_2(string parameters, string found)
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "plain", "", """[{"entities":[{"type":"Building"}]}]""");
        await RegisterAsync(
            client,
            "rich",
            ""","owner":"DMC","scope":["/Mulhouse/DMC"],"location":{"type":"Point","coordinates":[7.33,47.75]},"contextSourceInfo":[{"key":"X-Key","value":"s"}]""",
            """[{"entities":[{"type":["Building","Listed"],"id":"urn:b:1"}],"propertyNames":["height"]}]""");
        await RegisterAsync(
            client,
            "scoped",
            ""","scope":"/Mulhouse","operationSpace":{"type":"Point","coordinates":[7.9,47.5]}""",
            """[{"entities":[{"type":"Vehicle"}],"propertyNames":["name"]}]""");
        await RegisterAsync(client, "past", ""","observationInterval":{"startAt":"2020-01-01T00:00:00Z","endAt":"2021-01-01T00:00:00Z"}""", """[{"entities":[{"type":"Building"}]}]""");
        await RegisterAsync(client, "kept", ""","managementInterval":{"startAt":"2020-01-01T00:00:00Z"}""", """[{"entities":[{"type":"Building"}]}]""");

        Answer answer = await client.GetAsync("/csourceRegistrations?" + parameters);

        Assert.Equal(found.Split(',', StringSplitOptions.RemoveEmptyEntries), answer.Is(HttpStatusCode.OK).Ids.Select(id => id["urn:r:".Length..]));

        static async Task RegisterAsync(NgsiClient client, string id, string more, string information) =>
            (await client.PostAsync(
                "/csourceRegistrations",
                $$"""{"id":"urn:r:{{id}}","type":"ContextSourceRegistration","information":{{information}},"endpoint":"http://127.0.0.1:9"{{more}}}""")).Is(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("", "type")]
    [InlineData("limit=5", "type")]
    [InlineData("local=false", "type")]
    [InlineData("local=perhaps", "local")]
    [InlineData("id=nouri", "id")]
    [InlineData("idPattern=x**", "idPattern")]
    [InlineData("type=)(", "type")]
    [InlineData("attrs=id", "attrs")]
    [InlineData("q=a==", "q")]
    [InlineData("csf=))bad((", "csf")]
    [InlineData("scopeQ=nowhere", "scopeQ")]
    [InlineData("georel=within", "geometry")]
    [InlineData("georel=beside&geometry=Point&coordinates=[0,0]", "georel")]
    [InlineData("geometry=Point&coordinates=[0,0]", "georel")]
    [InlineData("timeAt=2020-01-01T00:00:00Z", "timerel")]
    [InlineData("timerel=during&timeAt=2020-01-01T00:00:00Z", "timerel")]
    [InlineData("timerel=before", "timeAt")]
    [InlineData("timerel=before&timeAt=yesterday", "timeAt")]
    [InlineData("timerel=before&timeAt=2020-01-01T00:00:00Z&endTimeAt=2021-01-01T00:00:00Z", "endTimeAt")]
    [InlineData("timerel=between&timeAt=2020-01-01T00:00:00Z", "endTimeAt")]
    [InlineData("timerel=between&timeAt=2020-01-01T00:00:00Z&endTimeAt=2019-01-01T00:00:00Z", "endTimeAt")]
    [InlineData("timerel=before&timeAt=2020-01-01T00:00:00Z&timeproperty=birthday", "timeproperty")]
    [InlineData("type=T&limit=-1", "limit")]
    [InlineData("type=T&type=U", "type")]
    public async Task A_question_for_registrations_that_is_not_allowed_is_refused_by_parameter_5_10_2(string parameters, string member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building"}]}]""");

        Answer answer = await client.GetAsync("/csourceRegistrations?" + parameters);

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        Assert.Equal(member, answer.Member);
    }

    [Fact]
    public async Task What_one_registration_claims_for_itself_no_other_may_claim_4_3_6()
    {
        NgsiClient client = await fixture.FreshAsync();
        const string Height = """[{"entities":[{"type":"Building","id":"urn:b:1"}],"propertyNames":["height"]}]""";
        await RegisterAsync(client, "urn:r:1", Height, "exclusive");

        (await RegisterAsync(client, "urn:r:2", Height, "exclusive", null)).Refuses(HttpStatusCode.Conflict, "Conflict");
        (await RegisterAsync(client, "urn:r:3", """[{"entities":[{"type":"Building"}]}]""", "redirect", null)).Refuses(HttpStatusCode.Conflict, "Conflict");
        await RegisterAsync(client, "urn:r:4", """[{"entities":[{"type":"Building","id":"urn:b:1"}],"propertyNames":["name"]}]""", "exclusive");
        await RegisterAsync(client, "urn:r:5", """[{"entities":[{"type":"Building","id":"urn:b:2"}],"propertyNames":["height"]}]""", "exclusive");
        await RegisterAsync(client, "urn:r:6", Height, "inclusive");
        await RegisterAsync(client, "urn:r:7", Height, "auxiliary");
        (await client.PatchAsync("/csourceRegistrations/urn:r:6", """{"mode":"exclusive"}""")).Refuses(HttpStatusCode.Conflict, "Conflict");
        (await client.PatchAsync("/csourceRegistrations/urn:r:1", """{"description":"itself is no conflict"}""")).Is(HttpStatusCode.NoContent);

        Assert.Equal(["urn:r:1", "urn:r:4", "urn:r:5", "urn:r:6", "urn:r:7"], (await client.GetAsync("/csourceRegistrations?local=true")).Ids.Order());
    }

    [Fact]
    public async Task What_is_held_here_cannot_be_claimed_by_a_source_4_3_6()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:b:1","type":"Building","height":{"value":1}}""");

        (await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building","id":"urn:b:1"}],"propertyNames":["height"]}]""", "exclusive", null)).Refuses(HttpStatusCode.Conflict, "Conflict");
        (await RegisterAsync(client, "urn:r:2", """[{"entities":[{"type":"Building"}]}]""", "redirect", null)).Refuses(HttpStatusCode.Conflict, "Conflict");
        await RegisterAsync(client, "urn:r:3", """[{"entities":[{"type":"Building","id":"urn:b:1"}],"propertyNames":["name"]}]""", "exclusive");
        await RegisterAsync(client, "urn:r:4", """[{"entities":[{"type":"Vehicle"}]}]""", "redirect");
    }

    [Fact]
    public async Task Secrets_for_a_source_are_kept_and_shown_to_nobody()
    {
        NgsiClient client = await fixture.FreshAsync();
        (await client.PostAsync(
            "/csourceRegistrations",
            """{"id":"urn:r:1","type":"ContextSourceRegistration","information":[{"entities":[{"type":"T"}]}],"endpoint":"http://127.0.0.1:9","contextSourceInfo":[{"key":"Authorization","value":"Bearer s3cret"},{"key":"X-Plain","value":"seen"}]}""")).Is(HttpStatusCode.Created);

        foreach (string path in (string[])["/csourceRegistrations/urn:r:1", "/csourceRegistrations?local=true"])
        {
            string text = (await client.GetAsync(path)).Is(HttpStatusCode.OK).Text;
            Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
            Assert.Contains("seen", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{", "InvalidRequest", null)]
    [InlineData("[]", "BadRequestData", null)]
    [InlineData("""{"type":"ContextSourceRegistration","type":"x"}""", "InvalidRequest", null)]
    [InlineData("""{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"T"}]}],"endpoint":"nowhere"}""", "BadRequestData", "/endpoint")]
    [InlineData("""{"type":"ContextSourceRegistration","information":[],"endpoint":"http://127.0.0.1:9"}""", "BadRequestData", "/information")]
    [InlineData("""{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"T"}]}],"endpoint":"http://127.0.0.1:9","expiresAt":"2001-01-01T00:00:00Z"}""", "BadRequestData", "/expiresAt")]
    public async Task A_registration_that_is_not_allowed_is_refused_by_member_5_9_2(string body, string problem, string? member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building"}]}]""");

        Answer answer = await client.PostAsync("/csourceRegistrations", body);

        answer.Refuses(HttpStatusCode.BadRequest, problem);
        Assert.Equal(member, answer.Member);
        Assert.Equal(["urn:r:1"], (await client.GetAsync("/csourceRegistrations?local=true")).Ids);
    }

    [Theory]
    [InlineData("\"mode\":null", "/mode")]
    [InlineData("\"description\":{}", "/description")]
    [InlineData("\"registrationName\":[]", "/registrationName")]
    [InlineData("\"tenant\":\"two\\nlines\"", "/tenant")]
    [InlineData("\"operations\":[]", "/operations")]
    [InlineData("\"expiresAt\":\"2100\"", "/expiresAt")]
    [InlineData("\"management\":{\"localOnly\":{}}", "/management/localOnly")]
    [InlineData("\"management\":{\"timeout\":null}", "/management/timeout")]
    [InlineData("\"endpoint\":\"https://\u00cf\"", "/endpoint")]
    [InlineData("\"contextSourceInfo\":[{\"key\":\"no header\",\"value\":\"x\"}]", "/contextSourceInfo")]
    [InlineData("\"contextSourceInfo\":[{\"key\":\"Content-Length\",\"value\":\"0\"}]", "/contextSourceInfo")]
    [InlineData("\"information\":[{\"entities\":[{\"type\":\"T\"}],\"relationshipNames\":[]}]", "/information/0/relationshipNames")]
    [InlineData("\"information\":[{\"entities\":[{\"type\":\"T\",\"id\":null}]}]", "/information/0/entities/0/id")]
    [InlineData("\"\":1", "/")]
    [InlineData("\"location\":{\"type\":\"Point\",\"coordinates\":[7]}", "/location/coordinates")]
    [InlineData("\"scope\":\"9 lives\"", "/scope")]
    [InlineData("\"own\":{\"deep\":[null]}", "/https://uri.etsi.org/ngsi-ld/default-context/own/deep/0")]
    public async Task What_could_not_be_answered_as_it_was_sent_is_refused_on_creation_and_by_a_fragment_5_2_9(string change, string member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building"}]}]""");
        JsonObject body = (JsonObject)JsonNode.Parse(Registration("urn:r:2"))!;
        foreach ((string name, JsonNode? value) in (JsonObject)JsonNode.Parse("{" + change + "}")!)
        {
            body[name] = value?.DeepClone();
        }

        Answer created = await client.PostAsync("/csourceRegistrations", body.ToJsonString());
        created.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        Assert.Equal(member, created.Member);
        if (member != "/mode")
        {
            // A null at the top of a fragment removes (5.9.3), everything else is refused alike.
            Answer changed = await client.PatchAsync("/csourceRegistrations/urn:r:1", "{" + change + "}");
            changed.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
            Assert.Equal(member, changed.Member);
        }

        Assert.Equal(["urn:r:1"], (await client.GetAsync("/csourceRegistrations?local=true")).Ids);
    }

    [Fact]
    public async Task The_location_of_a_registration_leads_to_it_whatever_its_id()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer created = (await client.PostAsync("/csourceRegistrations", Registration("urn:r:a/b?c#d"))).Is(HttpStatusCode.Created);

        Assert.Equal("/ngsi-ld/v1/csourceRegistrations/urn:r:a%2Fb%3Fc%23d", created.Headers.Location?.OriginalString);
        Assert.Equal("urn:r:a/b?c#d", (string?)(await client.GetAsync("/csourceRegistrations/urn:r:a%2Fb%3Fc%23d")).Is(HttpStatusCode.OK).Json["id"]);
    }

    [Fact]
    public async Task One_operation_may_stand_without_an_array_and_is_answered_as_one()
    {
        NgsiClient client = await fixture.FreshAsync();
        JsonObject body = (JsonObject)JsonNode.Parse(Registration("urn:r:1"))!;
        body["operations"] = "retrieveOps";
        (await client.PostAsync("/csourceRegistrations", body.ToJsonString())).Is(HttpStatusCode.Created);

        Assert.Equal("[\"retrieveOps\"]", (await client.GetAsync("/csourceRegistrations/urn:r:1")).Json["operations"]!.ToJsonString());
    }

    [Fact]
    public async Task A_registration_ends_with_its_expiresAt_and_frees_its_id_5_2_9()
    {
        using TestStore store = await TestStore.CreateAsync(fixture.Kind, TestContext.Current.CancellationToken);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
        await using RegistryNode node = await RegistryNode.StartAsync(store, clock);
        NgsiClient client = node.Client;
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building"}]}]""", "redirect");
        (await client.PatchAsync("/csourceRegistrations/urn:r:1", """{"expiresAt":"2026-11-25T12:01:00Z"}""")).Is(HttpStatusCode.NoContent);
        (await client.GetAsync("/csourceRegistrations/urn:r:1")).Is(HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromSeconds(61));

        (await client.GetAsync("/csourceRegistrations/urn:r:1")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Empty((await client.GetAsync("/csourceRegistrations?local=true")).Ids);
        await RegisterAsync(client, "urn:r:2", """[{"entities":[{"type":"Building","id":"urn:b:1"}],"propertyNames":["height"]}]""", "exclusive");
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Vehicle"}]}]""");
    }

    [Fact]
    public async Task Parallel_changes_of_a_registration_lose_none()
    {
        NgsiClient client = await fixture.FreshAsync();
        await RegisterAsync(client, "urn:r:1", """[{"entities":[{"type":"Building"}]}]""");

        string[] members = ["description", "registrationName", "tenant", "contextSourceAlias"];
        Answer[] answers = await Task.WhenAll(members.Select(m => client.PatchAsync("/csourceRegistrations/urn:r:1", $$"""{"{{m}}":"changed"}""")));

        Assert.All(answers, a => a.Is(HttpStatusCode.NoContent));
        JsonNode read = (await client.GetAsync("/csourceRegistrations/urn:r:1")).Json;
        Assert.All(members, m => Assert.Equal("changed", (string?)read[m]));
    }

    private static string Registration(string id) =>
        $$"""{"id":"{{id}}","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Building","idPattern":"^urn:b:.*$"}],"propertyNames":["height"]}],"endpoint":"http://127.0.0.1:9","mode":"inclusive","operations":["retrieveEntity","queryEntity"]}""";

    private static Task<Answer> RegisterAsync(NgsiClient client, string id, string information, string mode = "inclusive") =>
        RegisterAsync(client, id, information, mode, HttpStatusCode.Created);

    private static async Task<Answer> RegisterAsync(NgsiClient client, string id, string information, string mode, HttpStatusCode? expected)
    {
        Answer answer = await client.PostAsync(
            "/csourceRegistrations",
            $$"""{"id":"{{id}}","type":"ContextSourceRegistration","mode":"{{mode}}","information":{{information}},"endpoint":"http://127.0.0.1:9"}""");
        return expected is { } status ? answer.Is(status) : answer;
    }
}

public sealed class RegistrationsOnSqliteTests(SqliteNode node) : RegistrationTests(node), IClassFixture<SqliteNode>;

public sealed class RegistrationsOnPostgresTests(PostgresNode node) : RegistrationTests(node), IClassFixture<PostgresNode>;

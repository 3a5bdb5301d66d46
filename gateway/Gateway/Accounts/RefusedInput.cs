using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;

namespace Twin.Gateway.Accounts;

/// <summary>Input of an operator that is refused whole: thrown where the fault is found, a problem at the endpoint.</summary>
/// <param name="status">The HTTP status; it gives the title, and the type when none is named.</param>
/// <param name="detail">What is wrong, and what to do.</param>
/// <param name="member">The member at fault.</param>
/// <param name="type">One of <see cref="ProblemTypes"/>.</param>
internal sealed class RefusedInput(int status, string detail, string? member = null, string? type = null) : Exception(detail)
{
    public string? Member => member;

    public IResult ToProblem() => TypedResults.Problem(
        Message,
        statusCode: status,
        type: ProblemTypes.Of(type ?? ProblemTypes.OfStatus(status).Name),
        title: ProblemTypes.OfStatus(status).Title,
        extensions: member is null ? null : [new("member", member)]);

    public static RefusedInput Bad(string detail, string? member = null) => new(StatusCodes.Status400BadRequest, detail, member);

    public static RefusedInput NotFound(string what) => new(StatusCodes.Status404NotFound, what + " is not there.");
}

/// <summary>Reads what operators send, bounded and strict.</summary>
internal static class OperatorInput
{
    private const int LongestBody = 64 * 1024;

    /// <exception cref="RefusedInput">The body is too large, of another type, not JSON, or has a member too many or too few.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            throw new RefusedInput(StatusCodes.Status415UnsupportedMediaType, "Send application/json.");
        }

        if (request.ContentLength > LongestBody)
        {
            throw TooLarge();
        }

        using var body = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LongestBody)
            {
                throw TooLarge();
            }
        }

        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type) ?? throw RefusedInput.Bad("Send an object, not null.", "");
        }
        catch (JsonException malformed)
        {
            // The text of the exception names types of ours; its path is what the sender needs.
            throw RefusedInput.Bad(
                "The body is not the JSON object that is described: a member is missing, unknown, twice there or of another type.",
                malformed.Path ?? "$");
        }
    }

    private static RefusedInput TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"The body has more than {LongestBody} bytes.");

    /// <summary>The page that the query asks for: <c>limit</c> 1 to 100 (20), <c>after</c> what the page before said.</summary>
    public static (string After, int Limit) Page(HttpContext context)
    {
        var query = context.Request.Query;
        foreach (var (name, values) in query)
        {
            if (name is not ("limit" or "after") || values.Count != 1)
            {
                throw RefusedInput.Bad("Only limit and after are known here, each once.", name);
            }
        }

        var after = query["after"].ToString();
        if (after.Length > 256 || after.Contains('\0', StringComparison.Ordinal))
        {
            throw RefusedInput.Bad("after is what the page before gave as next.", "after");
        }

        var limit = query["limit"] is [{ } asked] ? asked : "20";
        return int.TryParse(limit, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 100
            ? (after, count)
            : throw RefusedInput.Bad("limit is a number from 1 to 100.", "limit");
    }

    /// <summary>The roles as they are stored.</summary>
    public static string Roles(string[] roles)
    {
        for (var i = 0; i < roles.Length; i++)
        {
            if (roles[i] is null || !TwinRoles.IsAssignable(roles[i]))
            {
                throw RefusedInput.Bad($"A role is one of {string.Join(", ", TwinRoles.Assignable)}.", $"$.roles[{i}]");
            }
        }

        return string.Join(' ', roles.Distinct(StringComparer.Ordinal));
    }

    /// <summary>Runs the handler; what it refuses becomes a problem.</summary>
    public static Func<HttpContext, Task<IResult>> Refusing(Func<HttpContext, Task<IResult>> handler) => async context =>
    {
        try
        {
            return await handler(context);
        }
        catch (RefusedInput refused)
        {
            return refused.ToProblem();
        }
    };
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Entities;

/// <summary>What became of each entity of a batch (GS CIM 009 5.2.16 BatchOperationResult).</summary>
internal sealed class BatchResult
{
    private readonly List<(string Id, NgsiLdException Error)> _errors = [];

    /// <summary>The ids that went well, in the order of the request.</summary>
    public List<string> Success { get; } = [];

    /// <summary>The ids among them that are new.</summary>
    public List<string> Created { get; } = [];

    /// <summary>Whether something was refused.</summary>
    public bool HasErrors => _errors.Count > 0;

    /// <summary>An entity was refused; the others go on.</summary>
    public void Refuse(string id, NgsiLdException error) => _errors.Add((id, error));

    /// <summary>
    /// 207 with both lists when something was refused; else 201 with the created ids when there are any and the operation creates; else
    /// 204.
    /// </summary>
    public async Task AnswerAsync(HttpContext http)
    {
        if (!HasErrors && Created.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Response.StatusCode = HasErrors ? StatusCodes.Status207MultiStatus : StatusCodes.Status201Created;
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        if (!HasErrors)
        {
            WriteIds(writer, Created);
        }
        else
        {
            writer.WriteStartObject();
            writer.WritePropertyName("success"u8);
            WriteIds(writer, Success);
            writer.WriteStartArray("errors"u8);
            foreach ((string id, NgsiLdException error) in _errors)
            {
                writer.WriteStartObject();
                writer.WriteString("entityId"u8, id);
                writer.WritePropertyName("error"u8);
                NgsiLdProblems.Write(writer, error.ErrorType, error.Message, error.Member, NgsiLdProblems.StatusOf(error.ErrorType));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await writer.FlushAsync(http.RequestAborted);
    }

    private static void WriteIds(Utf8JsonWriter writer, List<string> ids)
    {
        writer.WriteStartArray();
        foreach (string id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }
}

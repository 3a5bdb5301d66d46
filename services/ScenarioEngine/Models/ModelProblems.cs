using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Problems;

namespace Twin.ScenarioEngine.Models;

/// <summary>Where the input that a model refuses becomes an answer: 422 with the input as the member at fault.</summary>
internal static class ModelProblems
{
    /// <summary>Lets a handler throw what NGSI-LD or a model refuses.</summary>
    public static RequestDelegate Guard(Func<HttpContext, Task> handler) => NgsiLdProblems.Guard(async http =>
    {
        try
        {
            await handler(http);
        }
        catch (ModelInputException fault)
        {
            throw Of(fault);
        }
    });

    /// <summary>The problem.</summary>
    public static ProblemException Of(ModelInputException fault) =>
        new(StatusCodes.Status422UnprocessableEntity, "model-input", "An input of a model is missing or wrong", fault.Message) { Member = fault.Input };
}

using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.Authentication;

/// <summary>A step of the pipeline that wants to know the caller, and comes before it is decided what the caller may do.</summary>
public sealed record SignedInStage(Func<HttpContext, RequestDelegate, Task> Invoke);

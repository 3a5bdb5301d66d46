using System.Text;
using Twin.NgsiLd.Contexts;

namespace Twin.Tests.Unit.Contexts;

/// <summary>Compiles @contexts in tests against a map of documents.</summary>
internal static class Compiling
{
    public static JsonLdContext Compile(string json, params (string Url, string Document)[] documents)
    {
        var compiler = new ContextCompiler();
        ValueTask<JsonLdContext> compiling = compiler.CompileAsync(Encoding.UTF8.GetBytes(json), Load(documents), CancellationToken.None);
        return compiling.AsTask().GetAwaiter().GetResult();
    }

    public static LoadContext Load(params (string Url, string Document)[] documents) => (url, cancellationToken) =>
    {
        foreach ((string known, string document) in documents)
        {
            if (known == url)
            {
                return new(Encoding.UTF8.GetBytes(document));
            }
        }

        return BundledContexts.LoadAsync(url, cancellationToken);
    };
}

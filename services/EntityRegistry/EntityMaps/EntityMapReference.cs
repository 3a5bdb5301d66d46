using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.EntityMaps;

/// <summary>The NGSILD-EntityMap header (GS CIM 009 6.3.21): in a request the map that is to be used, in an answer the one that was.</summary>
internal static class EntityMapReference
{
    /// <summary>The header's name.</summary>
    public const string Header = "NGSILD-EntityMap";

    /// <summary>Where maps are served.</summary>
    public const string Path = "/ngsi-ld/v1/entityMaps";

    /// <summary>The map that a request refers to; null when it refers to none, or to one that is gone.</summary>
    public static EntityMap? Find(HttpContext http, EntityMapDirectory maps, Tenant tenant, AccessScope access)
    {
        string? reference = http.Request.Headers[Header];
        return string.IsNullOrEmpty(reference) ? null : maps.Find(tenant, access, reference[(reference.LastIndexOf('/') + 1)..]);
    }

    /// <summary>Whether the request refers to a map, gone or not.</summary>
    public static bool IsIn(HttpContext http) => http.Request.Headers.ContainsKey(Header);

    /// <summary>Names the map that was used as the request did, or one that was made.</summary>
    public static void Write(HttpContext http, EntityMap map, bool isNew) =>
        http.Response.Headers[Header] = isNew ? $"{Path}/{map.Id}" : http.Request.Headers[Header];
}

namespace Twin.Contracts;

/// <summary>What the entity registry tells, and where.</summary>
public static class EntityTopics
{
    /// <summary>The topic of all changes of entities; the key is the entity id.</summary>
    public const string Entities = "entities";

    /// <summary>An entity has come to be; the payload is <see cref="Registry.V1.EntityChanged"/>.</summary>
    public const string Created = "twin.registry.entity.created.v1";

    /// <summary>An entity has changed; the payload is <see cref="Registry.V1.EntityChanged"/>.</summary>
    public const string Updated = "twin.registry.entity.updated.v1";

    /// <summary>An entity is gone; the payload is <see cref="Registry.V1.EntityChanged"/>.</summary>
    public const string Deleted = "twin.registry.entity.deleted.v1";
}

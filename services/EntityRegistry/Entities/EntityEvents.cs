using Google.Protobuf;
using Twin.Contracts;
using Twin.Contracts.Registry.V1;
using Twin.Hosting.Events;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Entities;

/// <summary>Changes as the other services are told of them.</summary>
internal static class EntityEvents
{
    private const string Source = "/entity-registry";
    private const string ContentType = "application/x-protobuf;messageType=twin.registry.v1.EntityChanged";

    /// <summary>One event for each change, in order.</summary>
    /// <param name="group">What is about to be committed.</param>
    /// <param name="time">When.</param>
    public static List<TwinEvent> Of(IReadOnlyList<ChangeSet> group, DateTimeOffset time)
    {
        var events = new List<TwinEvent>();
        foreach (ChangeSet changes in group)
        {
            foreach (EntityChange change in changes.Changes)
            {
                events.Add(new TwinEvent
                {
                    Id = Guid.CreateVersion7(time),
                    Source = Source,
                    Type = change.After is null ? EntityTopics.Deleted : change.Before is null ? EntityTopics.Created : EntityTopics.Updated,
                    Subject = change.Id,
                    Time = time,
                    TraceParent = changes.TraceParent,
                    Tenant = change.Tenant.Name.Length == 0 ? null : change.Tenant.Name,
                    DataContentType = ContentType,
                    Data = Payload(change),
                });
            }
        }

        return events;
    }

    private static byte[] Payload(EntityChange change)
    {
        var payload = new EntityChanged
        {
            Tenant = change.Tenant.Name,
            Id = change.Id,
            Sequence = change.Sequence,
            Entity = UnsafeByteOperations.UnsafeWrap(change.Stored),
        };
        foreach (int type in (change.After ?? change.Before)!.Types)
        {
            payload.Types_.Add(Terms.Iri(type));
        }

        AddChanged(payload, change);
        return payload.ToByteArray();
    }

    /// <summary>An attribute has changed when its packed instances are not the bytes that they were.</summary>
    private static void AddChanged(EntityChanged payload, EntityChange change)
    {
        if (change.After is not null)
        {
            int previous = -1;
            foreach (AttributeView attribute in change.After.Attributes)
            {
                if (attribute.Name != previous && (change.Before is null || !EntityDocument.SameAttribute(change.Before, change.After, attribute.Name)))
                {
                    payload.ChangedAttributes.Add(Terms.Iri(attribute.Name));
                }

                previous = attribute.Name;
            }
        }

        if (change.Before is not null)
        {
            int previous = -1;
            foreach (AttributeView attribute in change.Before.Attributes)
            {
                if (attribute.Name != previous && (change.After is null || !change.After.TryFind(attribute.Name, out _)))
                {
                    payload.DeletedAttributes.Add(Terms.Iri(attribute.Name));
                }

                previous = attribute.Name;
            }
        }
    }
}

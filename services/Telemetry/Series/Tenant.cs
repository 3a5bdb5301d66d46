using System.Collections.Concurrent;
using Twin.Telemetry.Live;

namespace Twin.Telemetry.Series;

/// <summary>One NGSI-LD tenant (GS CIM 009 4.14) with its series.</summary>
/// <param name="key">Its number in the store.</param>
/// <param name="name">The value of the NGSILD-Tenant header; empty for the default tenant.</param>
internal sealed class Tenant(int key, string name)
{
    private readonly ConcurrentDictionary<string, SeriesEntity> entities = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(SeriesEntity Entity, string Attribute, string Dataset), TimeSeries> series = new();

    private readonly Lock changing = new();
    private LiveFeed? live;

    /// <summary>Its number in the store.</summary>
    public int Key { get; } = key;

    /// <summary>The value of the NGSILD-Tenant header; empty for the default tenant.</summary>
    public string Name { get; } = name;

    /// <summary>Which series rows of bulk bodies mean.</summary>
    public SeriesNames Names { get; } = new();

    /// <summary>Where what is committed goes as long as somebody looks on; null when nobody does.</summary>
    public LiveFeed? Live
    {
        get => Volatile.Read(ref live);
        set => Volatile.Write(ref live, value);
    }

    /// <summary>All entities, in no order.</summary>
    public IEnumerable<SeriesEntity> Entities => entities.Values;

    /// <summary>How many series there are.</summary>
    public int SeriesCount => series.Count;

    /// <summary>The entity of this id, or null.</summary>
    public SeriesEntity? FindEntity(string id) => entities.GetValueOrDefault(id);

    /// <summary>The series, or null.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="attribute">The attribute's full IRI.</param>
    /// <param name="dataset">The datasetId; empty for the default instance.</param>
    public TimeSeries? Find(SeriesEntity entity, string attribute, string dataset) => series.GetValueOrDefault((entity, attribute, dataset));

    /// <summary>Takes in an entity, or gives the one that is there.</summary>
    public SeriesEntity Add(SeriesEntity entity) => entities.GetOrAdd(entity.Id, entity);

    /// <summary>Forgets series, and their entity when it is to go too.</summary>
    public void Remove(SeriesEntity entity, IEnumerable<TimeSeries> gone, bool whole)
    {
        lock (changing)
        {
            foreach (var one in gone)
            {
                one.Removed = true;
                entity.Remove(one);
                series.TryRemove((one.Entity, one.Attribute, one.Dataset), out _);
            }

            if (whole)
            {
                entity.Removed = true;
                entities.TryRemove(KeyValuePair.Create(entity.Id, entity));
            }
        }
    }

    /// <summary>Takes in a series, or gives the one that is there.</summary>
    public TimeSeries Add(TimeSeries one)
    {
        lock (changing)
        {
            var there = series.GetOrAdd((one.Entity, one.Attribute, one.Dataset), one);
            if (ReferenceEquals(there, one))
            {
                one.Entity.Add(one);
            }

            return there;
        }
    }
}

using Microsoft.Extensions.DependencyInjection;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>Registers what is loaded only where a broker is configured.</summary>
internal static class MqttRegistration
{
    /// <summary>Adds the sources over MQTT.</summary>
    public static void Add(IServiceCollection services) => services.AddHostedService<MqttSources>();
}

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Takes entities out.</summary>
internal abstract record EntityRemoval(string Entity, long? ValidFrom) : Intervention(Entity, ValidFrom);

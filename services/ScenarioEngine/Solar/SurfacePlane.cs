namespace Twin.ScenarioEngine.Solar;

/// <summary>A plane under the sky.</summary>
/// <param name="Tilt">Degrees from the horizontal: 0 faces up, 90 is a wall.</param>
/// <param name="Azimuth">Where it faces, degrees clockwise from north: 90 east, 180 south.</param>
public readonly record struct SurfacePlane(double Tilt, double Azimuth);

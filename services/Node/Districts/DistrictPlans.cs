namespace Twin.Node.Districts;

/// <summary>
/// The two districts of the demo. Facts: the DMC site is 13 hectares in the middle of Mulhouse with 110,000 m² of
/// industrial buildings, building 75 (Motoco) has 9,600 m², the Steinbaechlein along it is being opened again
/// (mulhouse.fr, lesepl.fr); the Lauffenmühle site in Lörrach-Brombach is 8.5 hectares of former textile works that become
/// a climate-neutral quarter of timber buildings (loerrach.de). The division into plots, the houses, trees, devices and
/// every measured value are invented.
/// </summary>
public static class DistrictPlans
{
    /// <summary>The DMC district in Mulhouse, France: 13 hectares.</summary>
    public static DistrictPlan Dmc { get; } = new()
    {
        Key = "mulhouse-dmc",
        City = "Mulhouse",
        Scope = "/Mulhouse/DMC",
        Name = new("Quartier DMC (synthétique)", "Quartier DMC (synthetisch)", "DMC district (synthetic)"),
        Country = "FR",
        Region = "Grand Est",
        PostalCode = "68200",
        Longitude = 7.3195,
        Latitude = 47.7455,
        Elevation = 240,
        RotationDegrees = -18,
        Width = 398,
        Strips =
        [
            new(StripUse.Park, 36), new(StripUse.Halls, 62), new(StripUse.Halls, 58), new(StripUse.Apartments, 34),
            new(StripUse.Houses, 30), new(StripUse.Houses, 30), new(StripUse.Commons, 14),
        ],
        Streets =
        [
            "Promenade du Steinbaechlein", "Rue des Filatures", "Rue du Fil à Broder", "Rue de la Retorderie", "Rue des Teinturiers",
            "Allée des Ateliers",
        ],
        Halls =
        [
            new(75, 9600, 4, "civic", "motoco", new("Bâtiment 75, ateliers d'artistes", "Gebäude 75, Künstlerateliers", "Building 75, artists' studios")),
            new(74, 7200, 3, "office", "village", new("Bâtiment 74, village d'activités", "Gebäude 74, Gewerbehof", "Building 74, business village")),
            new(63, 8800, 4, "industrial", "fil", new("Bâtiment 63, retorderie", "Gebäude 63, Zwirnerei", "Building 63, twisting mill")),
            new(62, 10400, 5, "construction", "amenageur", new("Bâtiment 62, en restructuration", "Gebäude 62, im Umbau", "Building 62, being converted")),
            new(57, 7000, 3, "stadium", "escalade", new("Bâtiment 57, salle d'escalade", "Gebäude 57, Kletterhalle", "Building 57, climbing hall")),
            new(56, 7400, 4, "industrial", "fil", new("Bâtiment 56, teinturerie", "Gebäude 56, Färberei", "Building 56, dye works")),
            new(54, 8000, 4, "industrial", "village", new("Bâtiment 54, atelier mécanique", "Gebäude 54, mechanische Werkstatt", "Building 54, engineering works")),
            new(48, 6600, 3, "warehouse", "amenageur", new("Bâtiment 48, halle à réhabiliter", "Gebäude 48, zu sanierende Halle", "Building 48, hall to be restored")),
            new(47, 7800, 4, "office", "village", new("Bâtiment 47, bureaux", "Gebäude 47, Büros", "Building 47, offices")),
            new(46, 7600, 4, "university", "universite", new("Bâtiment 46, laboratoires", "Gebäude 46, Labore", "Building 46, laboratories")),
            new(33, 7000, 4, "commercial", "halle", new("Bâtiment 33, halle commerciale", "Gebäude 33, Markthalle", "Building 33, market hall")),
            new(32, 7600, 4, "industrial", "fil", new("Bâtiment 32, fils à broder", "Gebäude 32, Stickgarn", "Building 32, embroidery thread")),
            new(23, 6000, 3, "service", "energie", new("Bâtiment 23, ancienne chaufferie", "Gebäude 23, ehemaliges Kesselhaus", "Building 23, former boiler house")),
            new(21, 9000, 4, "civic", "ville", new("Bâtiment 21, maison du projet", "Gebäude 21, Projekthaus", "Building 21, project house")),
        ],
        Commons =
        [
            new("ecole", "school", new("École du quartier", "Quartiersschule", "District school")),
            new("creche", "kindergarten", new("Crèche", "Kindertagesstätte", "Nursery")),
            new("mobilite", "transportation", new("Pôle de mobilité", "Mobilitätsstation", "Mobility hub")),
            new("atelier", "service", new("Atelier partagé", "Gemeinschaftswerkstatt", "Shared workshop")),
            new("salle", "public", new("Salle commune", "Gemeinschaftshaus", "Common house")),
            new("navette", "garage", new("Dépôt des navettes", "Shuttle-Depot", "Shuttle depot")),
        ],
        Bodies =
        [
            new("ville", "publicBody", new("Ville de Mulhouse", "Stadt Mülhausen", "City of Mulhouse")),
            new("agglomeration", "publicBody", new("Mulhouse Alsace Agglomération", "Gemeindeverband Mülhausen", "Mulhouse Alsace urban community")),
            new("amenageur", "company", new("Société d'aménagement du quartier (fictive)", "Entwicklungsgesellschaft (fiktiv)", "District developer (fictitious)")),
            new("motoco", "association", new("Association des ateliers du bâtiment 75 (fictive)", "Verein der Ateliers Gebäude 75 (fiktiv)", "Building 75 studios association (fictitious)")),
            new("village", "company", new("Village d'activités (fictif)", "Gewerbehof (fiktiv)", "Business village (fictitious)")),
            new("fil", "company", new("Manufacture de fil (fictive)", "Garnmanufaktur (fiktiv)", "Thread works (fictitious)")),
            new("escalade", "company", new("Salle d'escalade (fictive)", "Kletterhalle (fiktiv)", "Climbing hall (fictitious)")),
            new("halle", "company", new("Coopérative de la halle (fictive)", "Markthallengenossenschaft (fiktiv)", "Market hall cooperative (fictitious)")),
            new("habitat", "cooperative", new("Coopérative d'habitants (fictive)", "Wohngenossenschaft (fiktiv)", "Housing cooperative (fictitious)")),
            new("energie", "cooperative", new("Communauté d'énergie (fictive)", "Energiegemeinschaft (fiktiv)", "Energy community (fictitious)")),
            new("partage", "association", new("Association de partage d'équipements (fictive)", "Verein für geteilte Geräte (fiktiv)", "Equipment sharing association (fictitious)")),
            new("universite", "research", new("Laboratoire de la ville durable (fictif)", "Labor für nachhaltige Stadt (fiktiv)", "Sustainable city laboratory (fictitious)")),
            new("transport", "operator", new("Exploitant de mobilité (fictif)", "Mobilitätsbetreiber (fiktiv)", "Mobility operator (fictitious)")),
        ],
        Roles = ("habitat", "energie", "partage", "transport"),
        Stream = "Steinbaechlein",
        ShuttleLine = new("Navette autonome DMC", "Autonomes Shuttle DMC", "DMC autonomous shuttle"),
    };

    /// <summary>The Lauffenmühle district in Lörrach, Germany: 8.5 hectares.</summary>
    public static DistrictPlan Lauffenmuehle { get; } = new()
    {
        Key = "loerrach-lauffenmuehle",
        City = "Lörrach",
        Scope = "/Loerrach/Lauffenmuehle",
        Name = new("Quartier Lauffenmühle (synthétique)", "Lauffenmühle-Areal (synthetisch)", "Lauffenmühle district (synthetic)"),
        Country = "DE",
        Region = "Baden-Württemberg",
        PostalCode = "79541",
        Longitude = 7.6790,
        Latitude = 47.6365,
        Elevation = 295,
        RotationDegrees = 34,
        Width = 340,
        Strips =
        [
            new(StripUse.Park, 30), new(StripUse.Halls, 50), new(StripUse.Halls, 44), new(StripUse.Apartments, 30),
            new(StripUse.Houses, 28), new(StripUse.Commons, 15),
        ],
        Streets = ["Uferweg", "Spinnereistraße", "Webergasse", "Holzbauallee", "Feerweg"],
        Halls =
        [
            new(1, 5200, 3, "industrial", "holzbau", new("Halle 1, usine de bois", "Halle 1, Holzwerk", "Hall 1, timber works")),
            new(2, 4800, 3, "office", "gruender", new("Halle 2, pépinière", "Halle 2, Gründerzentrum", "Hall 2, incubator")),
            new(3, 5600, 4, "industrial", "holzbau", new("Halle 3, préfabrication", "Halle 3, Vorfertigung", "Hall 3, prefabrication")),
            new(4, 4200, 3, "warehouse", "stadt", new("Halle 4, stock de réemploi", "Halle 4, Bauteillager", "Hall 4, reuse store")),
            new(5, 5000, 4, "university", "forschung", new("Halle 5, laboratoire du bois", "Halle 5, Holzforschung", "Hall 5, timber research")),
            new(6, 3900, 3, "commercial", "markt", new("Halle 6, marché", "Halle 6, Markthalle", "Hall 6, market hall")),
            new(7, 4400, 3, "industrial", "textil", new("Halle 7, textile recyclé", "Halle 7, Recyclingtextil", "Hall 7, recycled textile")),
            new(8, 3800, 3, "service", "energie", new("Halle 8, centrale d'énergie", "Halle 8, Energiezentrale", "Hall 8, energy centre")),
            new(9, 4100, 3, "civic", "stadt", new("Halle 9, maison du projet", "Halle 9, Projekthaus", "Hall 9, project house")),
            new(10, 4600, 4, "office", "gruender", new("Halle 10, bureaux", "Halle 10, Büros", "Hall 10, offices")),
        ],
        Commons =
        [
            new("kita", "kindergarten", new("Crèche", "Kindertagesstätte", "Nursery")),
            new("mobilitaet", "transportation", new("Pôle de mobilité", "Mobilitätsstation", "Mobility hub")),
            new("werkstatt", "service", new("Atelier partagé", "Gemeinschaftswerkstatt", "Shared workshop")),
            new("treff", "public", new("Salle commune", "Quartierstreff", "Common house")),
        ],
        Bodies =
        [
            new("stadt", "publicBody", new("Ville de Lörrach", "Stadt Lörrach", "City of Lörrach")),
            new("landkreis", "publicBody", new("Arrondissement de Lörrach", "Landkreis Lörrach", "District of Lörrach")),
            new("holzbau", "company", new("Construction bois (fictive)", "Holzbau am Fluss (fiktiv)", "Riverside timber (fictitious)")),
            new("gruender", "company", new("Pépinière d'entreprises (fictive)", "Gründerzentrum (fiktiv)", "Incubator (fictitious)")),
            new("textil", "company", new("Textile recyclé (fictif)", "Kreislauftextil (fiktiv)", "Circular textile (fictitious)")),
            new("markt", "cooperative", new("Coopérative du marché (fictive)", "Marktgenossenschaft (fiktiv)", "Market cooperative (fictitious)")),
            new("wohnen", "cooperative", new("Coopérative d'habitation (fictive)", "Baugenossenschaft (fiktiv)", "Housing cooperative (fictitious)")),
            new("energie", "cooperative", new("Énergie citoyenne (fictive)", "Bürgerenergie (fiktiv)", "Citizens' energy (fictitious)")),
            new("teilen", "association", new("Association de partage (fictive)", "Leihladen e. V. (fiktiv)", "Library of things (fictitious)")),
            new("forschung", "research", new("Institut du bois (fictif)", "Holzinstitut (fiktiv)", "Timber institute (fictitious)")),
            new("verkehr", "operator", new("Exploitant de mobilité (fictif)", "Verkehrsbetrieb (fiktiv)", "Mobility operator (fictitious)")),
        ],
        Roles = ("wohnen", "energie", "teilen", "verkehr"),
        Stream = "Gewerbekanal",
        ShuttleLine = new("Navette autonome Lauffenmühle", "Autonomes Shuttle Lauffenmühle", "Lauffenmühle autonomous shuttle"),
    };

    /// <summary>Both.</summary>
    public static IReadOnlyList<DistrictPlan> All { get; } = [Dmc, Lauffenmuehle];
}

using System.Reflection;
using System.Text.RegularExpressions;
using Twin.ScenarioEngine.Models;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Models;

public sealed partial class ModelCatalogueTests
{
    /// <summary>Checks that stand under several models.</summary>
    private static readonly string[] Shared = ["fmi", "onnx", "uncertainty"];

    [Fact]
    public void Every_card_of_the_engine_is_in_the_catalogue_once()
    {
        var cards = typeof(ModelCard).Assembly.GetTypes()
            .Select(static type => type.GetProperty("Card", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(static property => property?.PropertyType == typeof(ModelCard))
            .Select(static property => (ModelCard)property!.GetValue(null)!);

        Assert.Equal(cards.Select(static card => card.Id).Order(StringComparer.Ordinal), ModelCatalogue.All.Select(static card => card.Id));
        Assert.Equal(ModelCatalogue.All.Count, ModelCatalogue.All.Select(static card => card.Id).Distinct().Count());
    }

    [Fact]
    public void A_card_says_what_the_model_takes_in_which_units_and_what_it_must_not_be_used_for() => Assert.All(ModelCatalogue.All, static card =>
    {
        Assert.Matches(Kebab(), card.Id);
        Assert.Matches(SemanticVersion(), card.Version);
        Assert.NotEmpty(card.Inputs);
        Assert.NotEmpty(card.Outputs);
        Assert.NotEmpty(card.Sources);
        Assert.All([card.ValidFor, card.NotValidFor, card.Uncertainty, .. card.Inputs.Concat(card.Outputs).SelectMany(static one => new[] { one.Name, one.Unit, one.Description })], static text => Assert.False(string.IsNullOrWhiteSpace(text)));
    });

    [Fact]
    public void Every_check_stands_under_a_model_and_its_verdict_is_what_its_numbers_say()
    {
        Assert.Empty(ValidationRows.All.Keys.Where(static model => ModelCatalogue.Find(model) is null).Except(Shared));
        Assert.All(ValidationRows.All.SelectMany(static one => one.Value), static row =>
        {
            // Six digits: a range of one value is a reference of as many.
            var rounding = 1e-5 * Math.Max(Math.Abs(row.Least), Math.Abs(row.Most));
            Assert.Equal(row.Passed, row.Value >= row.Least - rounding && row.Value <= row.Most + rounding);
            Assert.Equal(row.Passed, row.Missed is null);
            Assert.False(string.IsNullOrWhiteSpace(row.Source));
        });
    }

    [Fact]
    public void The_page_shows_every_model_and_every_check_with_its_verdict()
    {
        var page = ValidationPage.Html();

        Assert.All(ModelCatalogue.All, card => Assert.Contains($"<section id=\"{card.Id}\">", page, StringComparison.Ordinal));
        Assert.Equal(ValidationRows.Total.Passed, Occurrences(page, "✓ within"));
        Assert.Equal(ValidationRows.Total.Count - ValidationRows.Total.Passed, Occurrences(page, "✗ missed: "));
        Assert.Equal(Occurrences(page, "<section"), Occurrences(page, "</section>"));
    }

    private static int Occurrences(string text, string of) => text.Split(of).Length - 1;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Kebab();

    [GeneratedRegex(@"^\d+\.\d+\.\d+$")]
    private static partial Regex SemanticVersion();
}
